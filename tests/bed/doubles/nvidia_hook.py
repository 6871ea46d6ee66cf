"""TEST DOUBLE for the NVIDIA container toolkit's prestart hook: there is no GPU.

It writes down which devices the real engine asked for, refuses devices that are not simulated, and puts a double of
``nvidia-smi`` into the container. The bed installs it with its settings beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path


def main() -> None:
    settings = json.loads(Path(__file__).with_name("settings.json").read_text())
    state = json.load(sys.stdin)
    bundle = Path(state["bundle"])
    config = json.loads((bundle / "config.json").read_text())
    env = dict(entry.partition("=")[::2] for entry in config["process"].get("env", []))
    visible = env.get("NVIDIA_VISIBLE_DEVICES", "")
    devices = wanted(visible, env, settings["gpus"])
    note = {
        "container": state["id"],
        "visible": visible,
        "devices": ",".join(devices),
        "capabilities": env.get("NVIDIA_DRIVER_CAPABILITIES", ""),
    }
    with Path(settings["log"]).open("a") as log:
        os.write(log.fileno(), (json.dumps(note) + "\n").encode())
    known = {str(index) for index in range(settings["gpus"])}
    known |= {f"GPU-simulated-{index}" for index in range(settings["gpus"])}
    for device in devices:
        if device not in known:
            sys.exit(
                f"nvidia-container-cli: device error: {device}: unknown device: unknown (TEST DOUBLE, no real GPU)"
            )
    place_nvidia_smi(bundle, config, Path(settings["nvidia_smi"]))


def wanted(visible: str, env: dict[str, str], gpus: int) -> list[str]:
    """The devices by name; ``void`` means that CDI names them."""
    if visible == "all":
        return [str(index) for index in range(gpus)]
    if visible in {"void", "none", ""}:
        return sorted(name.removeprefix("SIMULATED_GPU_") for name in env if name.startswith("SIMULATED_GPU_"))
    return visible.split(",")


def place_nvidia_smi(bundle: Path, config: dict[str, dict[str, str]], double: Path) -> None:
    root = Path(bundle, config["root"]["path"])
    target = root / "usr/bin/nvidia-smi"
    # A link in an image could lead out of the container's root.
    if target.parent.resolve().is_relative_to(root.resolve()) and not target.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(double, target)


if __name__ == "__main__":
    main()
