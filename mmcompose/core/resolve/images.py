"""Decides which image a service runs, and which release of the engine is in it.

The highest layer that sets `image:` or `version:` decides: an `image:` is used as it is, while a `version:` alone is
put into the backend's pattern for the service's accelerator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mmcompose.model import Setting

_RELEASE = re.compile(r"(?:^|[-_])(v?[0-9]+(?:\.[0-9]+)+(?:\.?(?:post|rc|a|b|dev)[0-9]+)*|b[0-9]{3,6})(?:$|[-_])")


def decided_by_version(layers: Sequence[Setting]) -> bool:
    """Whether the highest layer that sets one of the two sets `version:` alone."""
    for tree in reversed(layers):
        if tree.at(("image",)) is not None:
            return False
        if tree.at(("version",)) is not None:
            return True
    return False


def named_above_build(layers: Sequence[Setting]) -> bool:
    """Whether a layer above the one that requests a build names an `image:`: then that image is used."""
    for tree in reversed(layers):
        if tree.at(("image_type",)) is not None:
            return False
        if tree.present(("image",)) is not None:
            return True
    return False


def named_with_build(layers: Sequence[Setting]) -> bool:
    """Whether the layer that requests a build also names the image; a name from a layer below means another image."""
    asking = next((tree for tree in reversed(layers) if tree.at(("image_type",)) is not None), None)
    return asking is not None and asking.present(("image",)) is not None


def release_in(image: str, patterns: Iterable[str]) -> str | None:
    """The release that an image's tag names, or None for `nightly`, a commit and the like."""
    reference = image.partition("@")[0]
    for pattern in patterns:
        before, mark, after = pattern.partition("{version}")
        if mark and reference.startswith(before) and reference.endswith(after):
            inside = reference[len(before) : len(reference) - len(after)]
            if _RELEASE.fullmatch(inside):
                return inside
    found = _RELEASE.search(tag_of(reference) or "")
    return found.group(1) if found else None


def tag_of(image: str) -> str | None:
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return tag if colon and "/" not in tag and head else None


def filled(pattern: str, version: str) -> str:
    return pattern.replace("{version}", version)
