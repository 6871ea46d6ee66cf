"""Where CI=true a skip is a failure unless it is named with its reason."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bed import skips

ROOT = Path(__file__).parents[2]

NAMED = {
    "the very id": ("tests/a.py::test_one[x-1]", "tests/a.py::test_one[x-1]", True),
    "brackets mean themselves": ("tests/a.py::test_one[x-1]", "tests/a.py::test_onex", False),
    "a pattern": ("tests/a.py::test_*", "tests/a.py::test_two", True),
    "another file": ("tests/a.py::*", "tests/b.py::test_two", False),
}


@pytest.mark.parametrize(("line", "test", "allowed"), NAMED.values(), ids=NAMED)
def test_a_line_names_tests(line: str, test: str, *, allowed: bool) -> None:
    assert skips.may_skip(test, skips.reasons(f"# a comment\n\n{line}  # no such hardware\n")) is allowed


@pytest.mark.parametrize("line", ["tests/a.py::test_one", "tests/a.py::test_one  # ", "tests/a.py::test_one # why"])
def test_a_line_without_a_reason_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"may-skip\.txt:1: write"):
        skips.reasons(line)


def test_the_projects_own_list_is_well_formed() -> None:
    skips.reasons(skips.LIST.read_text())


SKIPS = {
    "body": "import pytest\ndef test_it():\n    pytest.skip('no engine')\n",
    "mark": "import pytest\n@pytest.mark.skip(reason='no engine')\ndef test_it():\n    pass\n",
    "fixture": "import pytest\n@pytest.fixture\ndef e():\n    pytest.skip('no engine')\ndef test_it(e):\n    pass\n",
    "file": "import pytest\npytest.skip('no engine', allow_module_level=True)\n",
    "expected": "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_it():\n    assert False\n",
}


@pytest.mark.parametrize(
    ("ci", "summary"),
    [("true", "1 failed, 1 xfailed, 3 errors"), ("", "4 skipped, 1 xfailed")],
    ids=["in CI", "at home"],
)
def test_however_a_test_is_skipped_it_fails_in_ci_and_only_there(ci: str, summary: str, tmp_path: Path) -> None:
    for name, source in SKIPS.items():
        (tmp_path / f"test_{name}.py").write_text(source)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CI": ci}
    options = ("--continue-on-collection-errors", "-p", "tests.bed.skips", "-rs", "-c", os.devnull)
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(command, env=env, cwd=tmp_path, text=True, capture_output=True, check=False)
    assert summary in done.stdout
    assert done.stdout.count("no engine") >= 4
    assert ("may-skip.txt may be skipped" in done.stdout) is bool(ci)
