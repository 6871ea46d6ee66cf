"""A Compose project of a test's own, removed with all that carries its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bed.commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bed.engine import Engine

LABELS = ("com.docker.compose.project", "mmcompose.project")


@dataclass(frozen=True)
class Project:
    """``name`` is unique to the test; projects whose names begin with it and a hyphen are the test's too."""

    engine: Engine
    name: str
    folder: Path

    def write(self, text: str, path: str = "compose.yaml") -> Path:
        written = self.folder / path
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(text)
        return written

    def compose(self, *arguments: str, timeout: float = 300) -> str:
        """``docker compose`` in the project's folder."""
        command = self.engine.command("compose", "--project-name", self.name, *arguments)
        return run(*command, timeout=timeout, env=self.engine.environment(), cwd=self.folder)

    def remove(self) -> None:
        """Also what a start that failed left behind, which ``compose down`` needs a file to find."""
        for kind in ("container", "network", "volume"):
            found = self.owned(kind)
            if found:
                force = [] if kind == "network" else ["--force"]
                volumes = ["--volumes"] if kind == "container" else []
                self.engine.docker(kind, "rm", *force, *volumes, *found)

    def owned(self, kind: str) -> list[str]:
        everything = ["--all"] if kind == "container" else []
        item, name = ("Name" if kind == "volume" else "ID"), ("Names" if kind == "container" else "Name")
        shown = [f"{{{{.{item}}}}}", f"{{{{.{name}}}}}", *(f'{{{{.Label "{label}"}}}}' for label in LABELS)]
        listed = self.engine.docker(kind, "ls", *everything, "--format", "\t".join(shown)).splitlines()
        return [item for item, *marks in (line.split("\t") for line in listed) if any(map(self.is_mine, marks))]

    def is_mine(self, mark: str) -> bool:
        return mark == self.name or mark.startswith(f"{self.name}-")
