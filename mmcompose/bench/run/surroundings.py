"""Collects the surroundings of a measurement from outside the client's container, for `--context`."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmcompose.deploy.docker.command import ask
from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.machine.hardware import Hardware
from mmcompose.model import Profile
from mmcompose.model.targets import TARGETS

_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|KEY|CREDENTIAL", re.IGNORECASE)
_PATIENCE = 20.0
_REVIEWED = ("profiles", "templates", "services", *(path for each in TARGETS.values() for path in each.outputs))


def target(
    profile: Profile, key: str, container: Running, inspected: Mapping[str, Any], image: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The engine as it really runs, from its container and not from its file."""
    service = profile.services[key]
    config = inspected.get("Config") or {}
    return {
        "profile": profile.name,
        "service": key,
        "engine": {
            "name": service.backend,
            "version": service.release,
            "image": container.image,
            "digest": digest(image) or container.image_id,
            "args": [str(argument) for argument in (inspected.get("Path"), *(inspected.get("Args") or ())) if argument],
            "env": _masked(config.get("Env") or ()),
        },
        "model": {"id": service.served_name or service.weights.repo or "", "revision": service.weights.revision},
    }


def digest(image: Mapping[str, Any] | None) -> str | None:
    """The registry's digest; an image that was built here has only its own id."""
    known: Sequence[str] = (image or {}).get("RepoDigests") or ()
    return known[0].partition("@")[2] if known else (image or {}).get("Id")


def _masked(variables: Sequence[str]) -> dict[str, str]:
    pairs = (variable.partition("=")[::2] for variable in variables)
    return {name: "***" if _SECRET.search(name) and value else value for name, value in pairs}


def host(info: Mapping[str, Any], version: Mapping[str, str]) -> dict[str, Any]:
    """The machine of Docker; `info` is the answer of `docker info`."""
    return {
        "cpu": _cpu() or str(info.get("Architecture") or platform.machine()),
        "cores": int(info.get("NCPU") or 0),
        "ram_mib": int(info.get("MemTotal") or 0) >> 20,
        "kernel": str(info.get("KernelVersion") or ""),
        "docker": str(version.get("engine") or info.get("ServerVersion") or ""),
        "client_placement": {"same_host": True, "network": "the profile's own"},
    }


def gpus(seen: Hardware) -> list[dict[str, Any]]:
    return [
        {
            "index": card.index,
            "uuid": card.uuid or "",
            "name": card.name,
            "memory_mib": None if card.vram is None else card.vram >> 20,
            "driver": card.driver,
        }
        for cards in seen.kinds.values()
        for card in cards
    ]


def project(root: Path, profile: Profile, compose: Path) -> dict[str, Any]:
    """The resolved profile is embedded whole, so that a result explains itself when the project has changed."""
    resolved = {key: tree.plain() for key, tree in profile.settings.items()}
    text = json.dumps(resolved, sort_keys=True, ensure_ascii=False, default=str)
    changes = _git(root, "status", "--porcelain", "--", *_REVIEWED)
    return {
        "git_sha": _git(root, "rev-parse", "HEAD"),
        "dirty": None if changes is None else bool(changes),
        "profile": json.loads(text),
        "profile_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "compose_sha256": hashlib.sha256(compose.read_bytes()).hexdigest() if compose.is_file() else None,
    }


def _git(root: Path, *arguments: str) -> str | None:
    """The commit; None without git or a repository."""
    reply = ask("git", *arguments, cwd=root, patience=_PATIENCE)
    return reply.out.strip() if reply.fine else None


def _cpu() -> str | None:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^(?:model name|Model|cpu model)\s*:\s*(.+)$", text, re.MULTILINE)
    return found.group(1).strip() if found else None
