"""Derives the build of a service with `image_type: build`: its context, its release and its local image name.

A folder of ours is tagged by its content; for any other context `version` decides what is built.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.core.hints import listing
from mmcompose.core.resolve.fold import fold, put
from mmcompose.core.resolve.images import decided_by_version, filled, named_with_build
from mmcompose.core.resolve.step import Context, Step
from mmcompose.model import Path, Problem, Setting
from mmcompose.model.paths import OURS

_WHERE: Path = ("build", "context")


def wish(tree: Setting) -> Setting | None:
    """The setting that requests a build."""
    kind = tree.present(("image_type",))
    return kind if kind is not None and kind.value == "build" else None


def chosen(tree: Setting, context: Context) -> Setting | Problem:
    """Uses the backend's build for this accelerator, unless a layer names another context."""
    usual = tree.present(("builds", context.accelerator(tree)))
    if wish(tree) is None or usual is None or tree.present(_WHERE) is not None:
        return tree
    own = tree.present(("build",))
    # Whoever takes the context back takes back all that was written for it.
    return put(tree, ("build",), usual if own is None or tree.at(_WHERE) is not None else fold([usual, own]))


def possible(tree: Setting, context: Context) -> Setting | Problem:
    kind = wish(tree)
    if kind is None or tree.present(_WHERE) is not None:
        return tree
    message = f"{context.engine.title} cannot be built for {context.accelerator(tree)}"
    hint = "write `build:` with a context, or use image_type: prebuilt"
    return Problem(kind.origin, "image_type", message, hint, "build")


def known(tree: Setting, context: Context) -> Setting | Problem:
    """Checks that a named folder of ours exists."""
    folder = _folder(tree)
    if folder is None or folder.value.removeprefix(OURS) in context.contexts:
        return tree
    hint = f"known: {listing(sorted(context.contexts))}"
    return Problem(folder.origin, "build.context", f"no build folder {folder.value!r}", hint, "build")


def tagged(tree: Setting, context: Context) -> Setting | Problem:
    """Names the image of a folder of ours by its content, so that an edit makes a new image."""
    folder = _folder(tree)
    content = context.contexts.get(folder.value.removeprefix(OURS)) if folder else None
    if folder is None or content is None:
        return tree
    return put(tree, ("image",), folder.leading_to(f"mmcompose/{context.engine.name}:{content[:12]}"))


def _versioned(tree: Setting, _: Context) -> Setting | Problem:
    kind, place = wish(tree), _elsewhere(tree)
    if kind is None or place is None or "{version}" not in place.value or tree.present(("version",)) is not None:
        return tree
    hint = "set version: to a tag or a commit"
    return Problem(kind.origin, "version", "a build needs the version that it builds", hint, "build")


def filled_in(tree: Setting, _: Context) -> Setting | Problem:
    """Puts the version in the place of `{version}` in a build."""
    version, build = tree.present(("version",)), tree.present(("build",))
    if version is None or build is None or _elsewhere(tree) is None:
        return tree
    for path, leaf in build.leaves(("build",)):
        if isinstance(leaf.value, str) and "{version}" in leaf.value:
            tree = put(tree, path, leaf._replace(value=filled(leaf.value, version.value), overrode=()))
    return tree


def named(tree: Setting, context: Context) -> Setting | Problem:
    """Gives the image a local name by accelerator and version, unless the layer that requests the build names it."""
    version = tree.present(("version",))
    if version is None or _elsewhere(tree) is None:
        return tree
    if named_with_build(context.layers) and not decided_by_version(context.layers):
        return tree
    local = f"mmcompose/{context.engine.name}:{context.accelerator(tree)}-{version.value}"
    return put(tree, ("image",), version.leading_to(local))


STEPS: Sequence[Step] = (chosen, possible, known, tagged, _versioned, filled_in, named)


def _folder(tree: Setting) -> Setting | None:
    """The folder of ours that the service builds, if it builds one."""
    place = _place(tree)
    return place if place is not None and place.value.startswith(OURS) else None


def _elsewhere(tree: Setting) -> Setting | None:
    """The context that is no folder of ours, if the service builds one."""
    place = _place(tree)
    return None if place is None or place.value.startswith(OURS) else place


def _place(tree: Setting) -> Setting | None:
    return tree.present(_WHERE) if wish(tree) else None
