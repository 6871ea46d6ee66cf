"""The NVIDIA driver that an image needs, as far as it can be known honestly."""

from __future__ import annotations

import re
from collections.abc import Mapping

# CUDA Compatibility guide, "Minor Version Compatibility": within a major release, any driver from these on.
OLDEST_DRIVER: Mapping[int, int] = {11: 450, 12: 525, 13: 580}

# The CUDA release of images that do not name it in their tag.
# vLLM: its wheel needs torch 2.10 (CUDA 12.8) up to 0.19 and torch 2.11 (CUDA 13.0) from 0.20 on (package metadata).
# llama.cpp: CUDA_VERSION of .devops/cuda.Dockerfile; CUDA 13 has tags of its own.
# SGLang: its wheel needs torch 2.9 (CUDA 12.8) up to 0.5.10, FlashInfer for CUDA 13 from 0.5.13 on (package metadata).
# Between them nothing is certain.
_FAMILIES: tuple[tuple[str, tuple[int, ...] | None, int | None], ...] = (
    ("vllm/vllm-openai", (0, 20), 13),
    ("vllm/vllm-openai", None, 12),
    ("lmsysorg/sglang", (0, 5, 13), 13),
    ("lmsysorg/sglang", (0, 5, 11), None),
    ("lmsysorg/sglang", None, 12),
    ("ghcr.io/ggml-org/llama.cpp:server-cuda", None, 12),
)
_NAMED = re.compile(r"(?:^|[-_.:])cu(?:da)?-?(1[1-9])(?:[.-]?\d)?(?:$|[-_.])")
_RELEASE = re.compile(r":(?:[a-z-]*-)?v?(\d+(?:\.\d+)+)")


def of_image(reference: str, env: Mapping[str, str] | None) -> tuple[int | None, str]:
    """The CUDA major release inside an image, and its source."""
    if env:
        found = re.match(r"(\d+)\.", env.get("CUDA_VERSION", ""))
        if found:
            return int(found[1]), "the image"
    name = reference.partition("@")[0]
    tagged = _NAMED.search(name.rpartition("/")[2])
    if tagged:
        return int(tagged[1]), "its tag"
    release = _RELEASE.search(name)
    number = tuple(map(int, release[1].split("."))) if release else None
    for family, since, major in _FAMILIES:
        if name == family or name.startswith((f"{family}:", f"{family}-b")):
            if since is None and (number is not None or "-b" in name):
                return major, "its release" if major else ""
            if since is not None and number is not None and number >= since:
                return major, "its release" if major else ""
    return None, ""
