"""Records who started a container: Docker's labels name only its creator, and a later start does not change them.

So mmcompose records its own starts beside the project.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.start import aside
from mmcompose.files.reading import content
from mmcompose.model.paths import PRIVATE

OURS = "mmcompose"


def note(root: Path, profile: str, before: Iterable[Running], now: Iterable[Running]) -> None:
    """Records that we started the containers that did not run before, or began anew; for the others nothing changes."""
    began, known = {one.id: one.started for one in before if one.alive}, _known(root, profile)
    ours = {
        one.id: one.started if one.started != began.get(one.id) else known[one.id]
        for one in now
        if one.alive and (one.started != began.get(one.id) or one.id in known)
    }
    if ours != known:
        with suppress(OSError):
            aside.keep(root, _path(profile), json.dumps(ours, indent=2) + "\n")


def started_by(root: Path, one: Running) -> str:
    """The starter of a container. Docker counts only its own restarts; a start by anybody else resets that count."""
    noted = _known(root, one.profile).get(one.id)
    return OURS if noted and (noted == one.started or one.restarts) else one.started_by


def _known(root: Path, profile: str) -> dict[str, str]:
    try:
        found = json.loads(content(root / PRIVATE / _path(profile)))
        return {str(container): str(began) for container, began in found.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def _path(profile: str) -> str:
    return f"starters/{profile}.json"
