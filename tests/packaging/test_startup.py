"""What is asked often is answered without importing what is slow."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.render import project
from tests.architecture.house import HEAVY

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from mmcompose.cli.main import run
try:
    code = run()
except SystemExit as end:
    code = end.code
loaded = sorted(sys.modules)
import json
json.dump({"code": code or 0, "loaded": loaded}, sys.stderr)
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("startup") / "project"
    project.write(folder, 2, "qwen-small")
    assert "jinja2" in mmcompose(folder, "render")
    return folder


def mmcompose(folder: Path, *arguments: str) -> set[str]:
    """The names of all modules that were imported on the way."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    result = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    answer = json.loads(result.stderr.splitlines()[-1])
    assert answer["code"] == 0, result.stderr
    return set(answer["loaded"])


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("render",), ("render", "--help")],
    ids=" ".join,
)
def test_no_slow_library_is_imported_for_help_or_when_nothing_has_changed(
    rendered: Path, arguments: tuple[str, ...]
) -> None:
    assert mmcompose(rendered, *arguments) & HEAVY == set()


@pytest.mark.parametrize(
    ("arguments", "slow"),
    [("--help", {"dataclasses", "hashlib", "json", "pathlib"}), ("render", {"dataclasses"})],
)
def test_parts_of_python_that_take_long_to_import_wait_for_their_first_use(
    rendered: Path, arguments: str, slow: set[str]
) -> None:
    code = "import click, sys; print(*sys.modules)"
    click = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert mmcompose(rendered, arguments) & slow <= {*click}


def test_a_render_never_imports_what_only_talks_to_docker_or_the_network(rendered: Path) -> None:
    project.path_of(rendered, 0).write_text(project.profile(0, "qwen-small", seats=7), encoding="utf-8")
    assert mmcompose(rendered, "render") & {"python_on_whales", "tabulate"} == set()


def test_a_render_reads_no_engine_s_facts_but_those_that_it_checks_with(rendered: Path) -> None:
    project.path_of(rendered, 0).write_text(project.profile(0, "qwen-small", seats=8), encoding="utf-8")
    loaded = mmcompose(rendered, "render")
    assert "mmcompose.engines.known.histories" in loaded
    assert "mmcompose.engines.known.engine" not in loaded


def test_help_reads_the_short_names_that_init_writes_without_yaml(rendered: Path) -> None:
    settings = rendered / "mmcompose.yaml"
    settings.write_text(settings.read_text("utf-8") + "short_names: [ocr, sam3]\n", encoding="utf-8")
    assert mmcompose(rendered, "--help") & {"yaml", "jsonschema"} == set()
