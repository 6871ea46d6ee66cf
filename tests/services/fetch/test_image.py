"""The program runs wherever a Python is: in the image of an engine, and in a small one of its own."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.services.conftest import SERVICES

HERE = SERVICES / "fetch"
SOURCES = sorted((HERE / "mmfetch").rglob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(HERE).as_posix())
def test_a_python_of_3_10_reads_the_source(source: Path) -> None:
    ast.parse(source.read_text(), feature_version=(3, 10))


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(str(node.module).partition(".")[0])
    # Images without certificates of their own often have those of certifi; it is not missed elsewhere.
    assert imported - sys.stdlib_module_names == {"mmfetch", "certifi"}


def test_the_image_of_its_own_runs_it_as_nobody_in_particular() -> None:
    text = (HERE / "Dockerfile").read_text()
    assert "USER 10001:10001" in text
    assert 'ENTRYPOINT ["python", "-m", "mmfetch"]' in text
    assert "pip" not in text
