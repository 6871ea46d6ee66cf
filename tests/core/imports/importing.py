"""Imports into a small project in memory: sources are texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from mmcompose.core.imports import models
from mmcompose.core.imports.ground import ImportGround
from mmcompose.core.imports.result import Decision, Imported, imported
from mmcompose.core.imports.sources import compose, lines, llama_swap, recipe, workbench
from mmcompose.core.render.build_folders import content_hash
from mmcompose.engines.known import histories
from tests.making import compilation

if TYPE_CHECKING:
    from mmcompose.core.imports.sources.found import Findings
    from mmcompose.core.pipeline import Compilation

FILE = "docker-compose.yml"
HOME = {"HOME": "/home/me"}
PLAIN = Decision()


def ground(made: Compilation | None = None, folder: str = "/project") -> ImportGround:
    made = made or compilation()
    contents = {name: content_hash(files) for name, files in made.contexts.items()}
    host = made.project.host if made.project else None
    return ImportGround(made.documents, made.schemas, histories.load, contents, host, "/project", folder, HOME["HOME"])


def _all(found: Findings, choice: Decision) -> Imported:
    return imported(found, ground(), choice, "…")


def from_compose(text: str, choice: Decision = PLAIN) -> Imported:
    return _all(compose.read(FILE, text.encode(), HOME), choice)


def from_run(text: str, choice: Decision = PLAIN) -> Imported:
    return _all(lines.one(text, "docker run", HOME["HOME"]), choice)


def from_llama_swap(text: str, choice: Decision = PLAIN) -> Imported:
    return _all(llama_swap.read("config.yaml", text.encode(), HOME), choice)


def from_recipe(text: str, file: str = "recipe.md", choice: Decision = PLAIN) -> Imported:
    return _all(recipe.read(file, text.encode(), HOME), choice)


def from_workbench(text: str, choice: Decision = PLAIN) -> Imported:
    return models.imported(workbench.read("models.yaml", text.encode()), ground(), choice, "…")


def only(made: Imported) -> dict[str, Any]:
    """The one profile of an import, without what the project has anyway."""
    assert len(made.profiles) == 1, made.profiles
    return profile(made, made.profiles[0])


def profile(made: Imported, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(made.files[f"profiles/{name}.yaml"])
    return found


def remarks(made: Imported) -> str:
    return "\n".join(map(str, made.remarks))
