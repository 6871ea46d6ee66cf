"""What `mmcompose validate` says of each bad project under tests/errors/, to the letter.

A case is a folder: the files at fault, laid over a project of one setting file, and `expected.txt`. To add a case,
write the files and run `python -m tests.test_errors NAME` to see what is said of them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from mmcompose.cli.main import main
from mmcompose.model.failure import Failure
from tests.making import SETTINGS

CASES = Path(__file__).parent / "errors"
NAMES = sorted(place.name for place in CASES.iterdir() if place.is_dir() and not place.name.startswith("_"))


def printed(case: str, folder: Path) -> tuple[str, int]:
    """The words and the exit code for one case, laid out in `folder`."""
    (folder / "mmcompose.yaml").write_text(SETTINGS, encoding="utf-8")
    shutil.copytree(CASES / case, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    result = CliRunner().invoke(main, ["-C", str(folder), "validate"], standalone_mode=False)
    if isinstance(result.exception, Failure):
        return f"error: {result.exception.message}\n".replace(f"{folder}{os.sep}", ""), result.exception.code
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stderr, result.exit_code


@pytest.mark.parametrize("case", NAMES)
def test_a_bad_project_is_reported_exactly_what_is_wrong(case: str, tmp_path: Path) -> None:
    expected = (CASES / case / "expected.txt").read_text(encoding="utf-8")
    assert printed(case, tmp_path) == (expected, 0 if expected.endswith("fine\n") else 2)


def test_there_are_cases_of_every_kind_of_file() -> None:
    files = {path.relative_to(CASES / path.relative_to(CASES).parts[0]).as_posix() for path in CASES.rglob("*.yaml")}
    folders = {path.rpartition("/")[0] for path in files}
    assert {"profiles", "profiles/backends", "profiles/models", "profiles/hosts", "profiles/runtimes"} <= folders
    assert {"mmcompose.yaml", "profiles/defaults.yaml"} <= files
    assert len(NAMES) >= 40


if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory() as empty:
            arguments, code = printed(name, Path(empty))
        sys.stdout.write(f"== {name} ({code})\n{arguments}")
