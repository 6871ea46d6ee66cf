"""A public image, where it can be had: then it is what the bed's own name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bed.commands import BedError, step
from tests.bed.labels import image_id, made_from, pulled_here

if TYPE_CHECKING:
    from tests.bed.engine import Engine
    from tests.bed.recipes import Recipe


def taken(engine: Engine, recipe: Recipe) -> bool:
    """The public image gets the bed's name beside its own. False where there is none."""
    public = recipe.upstream
    if not public or not (is_public(engine, public) or pulled(engine, public)):
        return False
    engine.docker("tag", public, recipe.tag)
    return True


def is_public(engine: Engine, tag: str) -> bool:
    """Whether the engine has an image of that name which the bed did not make; earlier releases used such names."""
    return bool(image_id(engine, tag)) and not made_from(engine, tag)


def pulled(engine: Engine, tag: str) -> bool:
    try:
        with step(f"image {tag} pulled"):
            engine.docker("pull", "--quiet", tag, timeout=180)
    except BedError:
        return False
    with pulled_here().open("a") as noted:
        noted.write(f"{tag}\n")
    return True
