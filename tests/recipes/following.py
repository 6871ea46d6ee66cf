"""Follows a recipe of CONTRIBUTING.md in a copy of the tree: writes its files, makes its changes, runs its commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.making import ROOT

HANDBOOK = ROOT / "CONTRIBUTING.md"
COPIED = (
    "mmcompose",
    "templates",
    "services",
    "profiles",
    "benchmarks",
    "examples",
    "docs",
    "tools",
    "tests",
    "mmcompose.yaml",
    "pyproject.toml",
    "README.md",
)
BIG = {"tests/upgrade/projects", "benchmarks/results", "tools/pip"}
HELP = ROOT / "tests/engines/samples/help-clap.txt"
"""Stands for an image: a recipe that runs one gets what the engine's program prints of its flags."""
BLOCK = re.compile(r"(?:`([\w./-]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = "from mmcompose.cli.main import run; run()"
TRIED = "/tmp/try"
"""What the recipe calls the folder that it makes."""


class Recipe:
    """A recipe, and the copy of the tree in which it is followed."""

    def __init__(self, title: str, place: Path) -> None:
        self.tree = place / "tree"
        self.tried = place / "try"
        self._copy()
        self._programs(place / "bin")
        self.path = f"{place / 'bin'}:/usr/bin:/bin"
        text = HANDBOOK.read_text(encoding="utf-8").partition(f"\n### {title}\n")[2].partition("\n### ")[0]
        self.steps = BLOCK.findall(text)
        assert self.steps, f"CONTRIBUTING.md has no recipe {title!r}"

    def follow(self) -> str:
        """Every step in its order; what the commands printed."""
        return "".join(filter(None, (self._step(*step) for step in self.steps)))

    def mmcompose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("mmcompose", *arguments)

    def python(self, program: str) -> str:
        """What a program prints that imports the packages of the copy."""
        result = self._run(sys.executable, "-c", program)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def changed(self, folder: str) -> list[str]:
        """The files of the copy that the repository has not, or not with these bytes."""
        files = (path.relative_to(self.tree) for path in (self.tree / folder).rglob("*") if path.is_file())
        return [
            str(path)
            for path in files
            if "__pycache__" not in path.parts
            and not ((ROOT / path).is_file() and (ROOT / path).read_bytes() == (self.tree / path).read_bytes())
        ]

    def _step(self, file: str, language: str, body: str) -> str | None:
        if language == "sh":
            return self._commands(body)
        assert file, f"no file is named above this block:\n{body}"
        place = self.tree / file
        if language == "diff":
            place.write_text(changed(place.read_text(encoding="utf-8"), body, file), encoding="utf-8")
        else:
            assert not place.exists(), f"{file} is there already"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(body, encoding="utf-8")
        return None

    def _commands(self, body: str) -> str:
        result = self._run("bash", "-euc", body.replace(TRIED, str(self.tried)))
        assert result.returncode == 0, f"{body}\n{result.stdout}{result.stderr}"
        return result.stdout + result.stderr

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": self.path,
            "HOME": str(self.tree.parent),
            "PYTHONPATH": str(self.tree),
            "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"],
        }
        return subprocess.run(command, cwd=self.tree, env=environment, check=False, capture_output=True, text=True)

    def _copy(self) -> None:
        for name in COPIED:
            source, target = ROOT / name, self.tree / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=_too_big)
            else:
                shutil.copy(source, target)

    def _programs(self, folder: Path) -> None:
        """What `make setup` has made in a real checkout, and the one target that recipes use."""
        scripts = {
            folder / "mmcompose": f"exec {sys.executable} -c '{PROGRAM}' \"$@\"",
            folder / "make": f'test "$*" = docs\nexec {sys.executable} tools/reference.py',
            folder / "docker": f'case "$*" in *--help) exec cat {HELP} ;; *) exit 125 ;; esac',
            self.tree / ".venv/bin/python": f'exec {sys.executable} "$@"',
        }
        for place, text in scripts.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"#!/bin/sh\nset -e\n{text}\n", encoding="utf-8")
            place.chmod(0o755)


def _too_big(folder: str, names: list[str]) -> set[str]:
    place = Path(folder).relative_to(ROOT)
    return {name for name in names if str(place / name) in BIG or name == "__pycache__"}


def changed(text: str, difference: str, file: str) -> str:
    """The text with the lines that the difference adds; its other lines must stand there, together, once."""
    lines = difference.splitlines(keepends=True)
    assert all(line[0] in " +" for line in lines), difference
    before = "".join(line[1:] for line in lines if line[0] == " ")
    after = "".join(line[1:] for line in lines)
    found = re.findall(rf"^{re.escape(before)}", text, re.MULTILINE)
    assert len(found) == 1, f"{file} has these lines {len(found)} times:\n{before}"
    return text.replace(before, after, 1)
