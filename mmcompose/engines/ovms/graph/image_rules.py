"""Checks which image generation options go together: sizes, static shapes and devices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mmcompose.model import Fault

Size = tuple[int, int]
_SIZE = re.compile(r"([0-9]{1,9})x([0-9]{1,9})")


def image_faults(values: Mapping[str, Any], *, static_shapes: bool) -> Iterator[Fault]:
    """The faults of one node's options. `static_shapes`: the release has `resolution` and accepts a list of devices
    (since 2025.3)."""
    sizes = {name: values[name] for name in ("max_resolution", "default_resolution") if name in values}
    for name, written in sizes.items():
        if isinstance(written, str) and _size(written) is None:
            yield _fault(name, f"{written!r} is no size", "write it as 1024x1024")
    biggest = _size(sizes.get("max_resolution")) or (4096, 4096)
    default = _size(sizes.get("default_resolution"))
    if default and (default[0] > biggest[0] or default[1] > biggest[1]):
        yield _fault("default_resolution", f"is above max_resolution {biggest[0]}x{biggest[1]}")
    if static_shapes:
        yield from _static_faults(values, default)
        yield from _device_faults(values)


def _size(text: object) -> Size | None:
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    size = (int(found[1]), int(found[2])) if found else None
    return size if size and all(size) else None


def _static_faults(values: Mapping[str, Any], default: Size | None) -> Iterator[Fault]:
    several = [name for name in ("num_images_per_prompt", "guidance_scale") if name in values]
    if "resolution" not in values:
        yield from (_fault(name, "needs resolution beside it") for name in several)
        return
    written = str(values["resolution"]).split()
    sizes = [_size(text) for text in written]
    for text, size in zip(written, sizes, strict=True):
        if size is None:
            yield _fault("resolution", f"{text!r} is no size", "write sizes as 512x512 1024x1024")
    if len(set(written)) != len(written):
        yield _fault("resolution", "names a size twice")
    if "max_resolution" in values:
        yield _fault("max_resolution", "cannot be given beside a static resolution")
    if len(sizes) > 1:
        yield from (_fault(name, "needs exactly one resolution") for name in several)
    elif sizes and "max_num_images_per_prompt" in values:
        yield _fault("max_num_images_per_prompt", "cannot be given beside one static resolution")
    if default and sizes and default not in sizes:
        yield _fault("default_resolution", "is not one of the sizes in resolution")


def _device_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    written = values.get("device")
    if not isinstance(written, str):
        return
    devices = written.split()
    if len(devices) not in {1, 3}:
        what = f"names {len(devices)} devices"
        yield _fault("device", what, "one for all, or three: text encoder, denoising, decoder")
    if "NPU" in written and "resolution" not in values:
        yield _fault("device", "NPU needs a static resolution")
    if "NPU" in written and len(str(values.get("resolution", "")).split()) > 1:
        yield _fault("resolution", "NPU takes exactly one size")


def _fault(path: str, message: str, hint: str = "") -> Fault:
    return Fault.of(path, message, hint, "ovms-image")
