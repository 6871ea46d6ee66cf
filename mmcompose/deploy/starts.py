"""What the last start of a profile found wrong with an engine that still runs, kept for `status`.

An engine may say that it is well and fail every request; only a start asks it one. So the fault is kept beside the
project, with the very process that it is about, until another start finds it answering.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mmcompose.deploy import aside

if TYPE_CHECKING:
    from mmcompose.deploy.observe import Running


def note_fault(root: Path, profile: str, container: Running, fault: str) -> None:
    known = {"container": container.id, "started": container.started, "fault": fault}
    with suppress(OSError):
        aside.keep(root, _path(profile), json.dumps(known, indent=2) + "\n")


def note_answer(root: Path, profile: str) -> None:
    """The engine answers, so what was wrong before is over."""
    with suppress(OSError):
        (root / aside.NAME / _path(profile)).unlink(missing_ok=True)


def faults(root: Path, profile: str, running: Iterable[Running]) -> dict[str, str]:
    """Container → what was wrong with it, of those that are still the same process."""
    try:
        known = json.loads((root / aside.NAME / _path(profile)).read_text("utf-8"))
        about = (known["container"], known["started"])
        return {one.id: str(known["fault"]) for one in running if one.started and about == (one.id, one.started)}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}


def _path(profile: str) -> str:
    return f"starts/{profile}.json"
