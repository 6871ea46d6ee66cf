"""Finds the NVIDIA driver that an image needs, as far as that is certain."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mmcompose.engines.known.engine import known_image

# CUDA Compatibility guide, "Minor Version Compatibility": within a major release, any driver from these on.
OLDEST_DRIVER: Mapping[int, int] = {11: 450, 12: 525, 13: 580}

_NAMED = re.compile(r"(?:^|[-_.:])cu(?:da)?-?(1[1-9])(?:[.-]?\d)?(?:$|[-_.])")
_RELEASE = re.compile(r":(?:[a-z0-9-]*-)?(v?\d+(?:\.\d+)+|b\d+)")


def of_image(reference: str, env: Mapping[str, str] | None) -> tuple[int | None, str]:
    """The CUDA major release inside an image, and where that is written."""
    if env:
        found = re.match(r"(\d+)\.", env.get("CUDA_VERSION", ""))
        if found:
            return int(found[1]), "the image"
    name = reference.partition("@")[0]
    tagged = _NAMED.search(name.rpartition("/")[2])
    if tagged:
        return int(tagged[1]), "its tag"
    release = _RELEASE.search(name)
    image = known_image(name)
    if release is None or image is None:
        return None, ""
    majors = [major for since, major in image.cuda.items() if _numbers(since) <= _numbers(release[1])]
    return (majors[-1], "its release") if majors and majors[-1] else (None, "")


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", release)))
