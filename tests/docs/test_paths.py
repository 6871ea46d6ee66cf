"""What the documents for contributors point at is there, and the stages stand in the order of the code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.architecture.house import ROOT, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTS = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "RELEASING.md",
    "SECURITY.md",
    "docs/pipeline.md",
    "docs/wording.md",
    "examples/README.md",
    ".github/pull_request_template.md",
]
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
WRITTEN = re.compile(r"\b[Ii]n\s+`[^`]+`:")
"""A file that a recipe makes or changes."""
FILE = re.compile(r"`([\w-]+\.(?:py|md|json|toml|lock))`")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
OF_A_PROJECT = re.compile(
    r"profiles/|templates/|\.mmcompose/|secrets/|models/$|owner/name$|images/$|benchmarks/results|compose/"
)
"""Paths of any project, which need not be in this one."""

OF_OTHERS = {"uv.lock", "config.json", "result.json"}
"""Files that programs write or read elsewhere."""


def mentioned(document: str) -> Iterator[str]:
    """Paths in backticks, from the top of the repository or from the package."""
    text = (ROOT / document).read_text(encoding="utf-8")
    outside_of_blocks = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    others = re.sub(WRITTEN, "", outside_of_blocks)
    yield from (path for path in PATH.findall(others) if not OF_A_PROJECT.match(path))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_in_a_document_exists(document: str) -> None:
    roots = (ROOT, ROOT / "mmcompose")
    missing = [path for path in mentioned(document) if not any((root / path).exists() for root in roots)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_without_its_folder_is_in_some_folder(document: str) -> None:
    folders = ("mmcompose", "benchmarks", "docs", "templates", "tests", "tools", "services")
    names = {place.name for folder in folders for place in (ROOT / folder).rglob("*.*")} | {
        place.name for place in ROOT.iterdir()
    }
    named = set(FILE.findall((ROOT / document).read_text(encoding="utf-8")))
    assert named - names - OF_OTHERS == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_to_a_file_of_the_repository_leads_somewhere(document: str) -> None:
    place = ROOT / document
    links = [link for link in LINK.findall(place.read_text(encoding="utf-8")) if "://" not in link]
    inside = [link for link in links if not link.startswith("../../")]  # others are pages of the host of the repository
    assert [link for link in inside if not (place.parent / link).exists()] == []


def test_the_stages_are_numbered_and_stand_in_the_order_of_the_code() -> None:
    text = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)]
    assert numbers == list(range(1, 11))
    folders = re.findall(r"^- folder: `mmcompose/([\w/]+)/`$", text, re.MULTILINE)
    assert len(folders) == len(numbers)
    in_core = tuple(folder.removeprefix("core/") for folder in folders if folder.startswith("core/"))
    assert in_core == STAGES["core"][: len(in_core)]
