"""What several rooms write and read stands in one table of `model`, and no room writes it out again."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from mmcompose.model import labels
from mmcompose.model.targets import TARGETS
from tests.architecture.house import PACKAGE
from tests.architecture.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS = [value for name, value in vars(labels).items() if name.isupper() and name[0] != "_" and isinstance(value, str)]
OF_TARGETS = tuple(f"core/render/{name}/" for name in TARGETS)
TABLES: dict[str, tuple[str | tuple[str, ...], re.Pattern[str]]] = {
    "a label": ("model/labels.py", re.compile(rf"\A(?:{'|'.join(map(re.escape, LABELS))})(?![\w/])")),
    "the folder of a target": (OF_TARGETS, re.compile(rf"(?<![\w.-])(?:{'|'.join(TARGETS)})/\w")),
    "the file at the top": ("model/targets.py", re.compile(r"\Acompose\.yaml\Z")),
    "the folder of results": ("model/paths.py", re.compile(r"benchmarks/results")),
    "the folder of what is private": ("model/paths.py", re.compile(r"\A\.mmcompose(?:/|\Z)")),
    "the file of a host": ("model/paths.py", re.compile(r"profiles/hosts/\Z")),
}


def texts(source: str) -> Iterator[str]:
    """Every text that the code of a file writes out; docstrings are for readers."""
    prose = {id(node.value) for node in nodes(source) if isinstance(node, ast.Expr)}
    for node in nodes(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def elsewhere(what: str, files: list[Path]) -> list[str]:
    home, pattern = TABLES[what]
    return [
        f"{path.relative_to(PACKAGE)}: {text}"
        for path in files
        if not path.relative_to(PACKAGE).as_posix().startswith(home)
        for text in texts(path.read_text(encoding="utf-8"))
        if pattern.search(text)
    ]


@pytest.mark.parametrize("what", TABLES)
def test_it_is_written_out_in_one_place(what: str) -> None:
    assert elsewhere(what, sorted(PACKAGE.rglob("*.py"))) == []


@pytest.mark.parametrize(
    ("what", "source"),
    [
        ("a label", 'found["mmcompose.role"]'),
        ("the folder of a target", 'f"compose/{name}.yaml" if name else root / "compose/build"'),
        ("the file at the top", 'root / "compose.yaml"'),
        ("the folder of results", 'RESULTS = Path("benchmarks/results")'),
        ("the folder of what is private", 'f".mmcompose/{name}"'),
        ("the file of a host", 'f"profiles/hosts/{name}.yaml"'),
    ],
)
def test_a_copy_is_seen(what: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.architecture.test_tables.PACKAGE", tmp_path)
    place = tmp_path / "copy.py"
    place.write_text(f'"""Writes compose/chat.yaml and benchmarks/results."""\n{source}\n', encoding="utf-8")
    assert elsewhere(what, [place])


def test_the_labels_that_templates_write_are_those_of_the_table() -> None:
    written = re.findall(r"^\s*(mmcompose\.\w+):", _templates(), re.MULTILINE)
    assert written
    assert set(written) <= set(LABELS)


def _templates() -> str:
    return "\n".join(path.read_text("utf-8") for path in (PACKAGE.parent / "templates").rglob("*.yaml.j2"))
