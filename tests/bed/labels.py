"""How images that came from the bed are told from others: by labels, and by names of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bed import place
from tests.bed.commands import BedError
from tests.bed.recipes import RECIPES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bed.engine import Engine

MADE_FROM, BUILT_HERE = "mmcompose.bed.recipe", "mmcompose.bed.built"
PREFIX = "mmcompose-bed/"
NAME = "{{.Repository}}:{{.Tag}}"


def image_id(engine: Engine, tag: str) -> str:
    try:
        return engine.docker("image", "inspect", "--format", "{{.Id}}", tag).strip()
    except BedError:
        return ""


def made_from(engine: Engine, tag: str) -> str:
    """The digest of the recipe that the bed made it from; empty for an image of somebody else's."""
    return engine.docker("image", "inspect", "--format", f'{{{{index .Config.Labels "{MADE_FROM}"}}}}', tag).strip()


def pulled_here() -> Path:
    """A list of the images that were pulled because the bed wanted them."""
    return place.home() / "pulled-images"


def brought(engine: Engine) -> list[str]:
    """The names of images on the engine that came from the bed: made, built, or pulled for it; bases come last."""
    names = {name for name in named(engine) if name.startswith(PREFIX)}
    names.update(*(named(engine, "--filter", f"label={label}") for label in (MADE_FROM, BUILT_HERE)))
    pulled = set(pulled_here().read_text().split()) if pulled_here().exists() else set()
    bases = {name for recipe in RECIPES.values() for name in (recipe.tag, recipe.upstream)}
    return sorted({*names, *(pulled & set(named(engine)))}, key=lambda name: (name in bases, name))


def named(engine: Engine, *which: str) -> list[str]:
    return [name for name in engine.docker("image", "ls", *which, "--format", NAME).split() if "<none>" not in name]
