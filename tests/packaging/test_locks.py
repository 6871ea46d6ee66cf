"""What `make setup` installs is pinned, hashed, and free of addresses, so that any package index serves."""

from __future__ import annotations

import hashlib
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.architecture.house import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = [ROOT / "requirements" / name for name in ("core.lock", "dev.lock")]
WHEEL = next((ROOT / "tools" / "pip").glob("*.whl"))


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(text: str) -> dict[str, list[str]]:
    """Package → its entries; the same package can stand there twice, for different Pythons."""
    entries: dict[str, list[str]] = {}
    for entry in text.replace("\\\n", " ").splitlines():
        if entry.strip():
            entries.setdefault(plain(re.split(r"[=<>;\s]", entry, maxsplit=1)[0]), []).append(entry)
    return entries


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_one_exact_version_and_hashes(lock: Path) -> None:
    for entries in pinned(lock.read_text(encoding="utf-8")).values():
        for entry in entries:
            assert re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_host_and_no_folder(lock: Path) -> None:
    assert not re.search(
        r"://|file:|--index|--find-links|--extra|(^|\s)/", lock.read_text(encoding="utf-8"), re.MULTILINE
    )


def test_the_locks_hold_every_dependency_that_the_project_declares_and_agree() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    core, dev = (pinned(lock.read_text(encoding="utf-8")) for lock in LOCKS)

    def names(requirements: list[str]) -> set[str]:
        return {plain(re.split(r"[\[<>=~!;\s]", requirement, maxsplit=1)[0]) for requirement in requirements}

    assert names(declared["project"]["dependencies"]) <= core.keys()
    assert names(declared["dependency-groups"]["dev"]) <= dev.keys()
    assert {name: entries for name, entries in core.items() if dev.get(name) != entries} == {}


def test_the_committed_pip_is_the_one_that_its_readme_names() -> None:
    table = (WHEEL.parent / "README.md").read_text(encoding="utf-8")
    assert f"| {WHEEL.name} | MIT" in table
    assert hashlib.sha256(WHEEL.read_bytes()).hexdigest() in table
