"""Checks which image generation options go together: sizes, static shapes and devices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mmcompose.model import Fault

Size = tuple[int, int]
_SIZE = re.compile(r"([0-9]{1,9})x([0-9]{1,9})")


def image_faults(values: Mapping[str, Any], *, static_shapes: bool) -> list[Fault]:
    """The faults of one node's options. `static_shapes`: the release has `resolution` and accepts a list of devices
    (since 2025.3)."""
    faults: list[Fault] = []
    biggest = _one_size(values, "max_resolution", faults) or (4096, 4096)
    default = _one_size(values, "default_resolution", faults)
    if default and (default[0] > biggest[0] or default[1] > biggest[1]):
        faults.append(_fault("default_resolution", f"is above max_resolution {biggest[0]}x{biggest[1]}"))
    if static_shapes:
        faults += _static_faults(values, default) + _device_faults(values)
    return faults


def _one_size(values: Mapping[str, Any], name: str, faults: list[Fault]) -> Size | None:
    written = values.get(name)
    if not isinstance(written, str):
        return None
    size = _size(written)
    if size is None:
        faults.append(_fault(name, f"{written!r} is no size", "write it as 1024x1024"))
    return size


def _size(text: str) -> Size | None:
    found = _SIZE.fullmatch(text)
    size = (int(found[1]), int(found[2])) if found else None
    return size if size and all(size) else None


def _static_faults(values: Mapping[str, Any], default: Size | None) -> list[Fault]:
    if "resolution" not in values:
        what = "needs resolution beside it"
        return [_fault(name, what) for name in ("guidance_scale", "num_images_per_prompt") if name in values]
    written = str(values["resolution"]).split()
    sizes = [_size(text) for text in written]
    faults = [
        _fault("resolution", f"{text!r} is no size", "write sizes as 512x512 1024x1024")
        for text, size in zip(written, sizes, strict=True)
        if size is None
    ]
    if len(set(written)) != len(written):
        faults.append(_fault("resolution", "names a size twice"))
    if "max_resolution" in values:
        faults.append(_fault("max_resolution", "cannot be given beside a static resolution"))
    if len(sizes) > 1:
        what = "needs exactly one resolution"
        faults += [_fault(name, what) for name in ("num_images_per_prompt", "guidance_scale") if name in values]
    elif sizes and "max_num_images_per_prompt" in values:
        faults.append(_fault("max_num_images_per_prompt", "cannot be given beside one static resolution"))
    if default and sizes and default not in sizes:
        faults.append(_fault("default_resolution", "is not one of the sizes in resolution"))
    return faults


def _device_faults(values: Mapping[str, Any]) -> list[Fault]:
    written = values.get("device")
    if not isinstance(written, str):
        return []
    devices = written.split()
    faults = []
    if len(devices) not in {1, 3}:
        what = f"names {len(devices)} devices"
        faults.append(_fault("device", what, "one for all, or three: text encoder, denoising, decoder"))
    if "NPU" in written and "resolution" not in values:
        faults.append(_fault("device", "NPU needs a static resolution"))
    if "NPU" in written and len(str(values.get("resolution", "")).split()) > 1:
        faults.append(_fault("resolution", "NPU takes exactly one size"))
    return faults


def _fault(path: str, message: str, hint: str = "") -> Fault:
    return Fault.of(path, message, hint, "ovms-image")
