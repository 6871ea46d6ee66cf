"""The shipped profiles in a project of a test's own: the same files, other names for what Docker keeps."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from mmcompose.files.gather import compile as compiling
from mmcompose.files.write.render import render

if TYPE_CHECKING:
    from mmcompose.core.pipeline import Compilation

ROOT = Path(__file__).resolve().parents[2]
USER = 1000
"""The uid that the shipped hosts name; files of the host must be readable for it."""
TOKEN = "hf_not-a-real-token-of-the-tests"


@dataclass(frozen=True)
class Shipped:
    """`name` takes the place of the shipped project's name in everything that Docker sees."""

    folder: Path
    name: str

    def render(self) -> None:
        self._forget()
        outcome = render(self.folder)
        wrong = [str(problem) for problem in outcome.problems if problem.severity == "error"]
        assert not wrong, wrong
        assert not outcome.refused, outcome.refused

    def compilation(self) -> Compilation:
        """As of the last render."""
        return self._compilation

    @cached_property
    def _compilation(self) -> Compilation:
        return compiling.at(self.folder)

    def _forget(self) -> None:
        self.__dict__.pop("_compilation", None)

    def profiles(self) -> list[str]:
        return sorted(path.stem for path in (self.folder / "compose").glob("*.yaml"))

    def document(self, profile: str) -> dict[str, Any]:
        return dict(yaml.safe_load(self.text(profile)))

    def text(self, profile: str) -> str:
        return (self.folder / f"compose/{profile}.yaml").read_text()

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def plays(self, profile: str) -> dict[str, tuple[str, str]]:
        """Backend and release of each service of a profile, by its name in the Compose file."""
        made = self.compilation().profiles[profile]
        return {
            made.compose_name(key): (service.backend or "", service.release or "")
            for key, service in made.services.items()
        }

    def lay_out_what_it_mounts(self) -> None:
        """Model folders, and secrets that only the engine's user may read."""
        for profile in self.profiles():
            document = self.document(profile)
            for secret in document.get("secrets", {}).values():
                path = self.folder / "compose" / secret["file"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{TOKEN}\n")
                path.chmod(0o400)
                if os.geteuid() == 0:
                    os.chown(path, USER, USER)
            for service in document["services"].values():
                for mount in service.get("volumes", []):
                    if mount["type"] == "bind":
                        (self.folder / "compose" / mount["source"]).mkdir(parents=True, exist_ok=True)


def make(folder: Path, name: str) -> Shipped:
    """A copy of the settings and profiles in the repository, rendered, with all that its files mount."""
    folder.chmod(0o755)
    shutil.copytree(ROOT / "profiles", folder / "profiles", dirs_exist_ok=True)
    settings = (ROOT / "mmcompose.yaml").read_text()
    assert "name: mm\n" in settings
    (folder / "mmcompose.yaml").write_text(settings.replace("name: mm\n", f"name: {name}\n"))
    made = Shipped(folder, name)
    made.render()
    made.lay_out_what_it_mounts()
    return made
