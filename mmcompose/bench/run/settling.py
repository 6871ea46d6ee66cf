"""Settles a run whose client was cut off: writes its outcome and the reason into its result."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmcompose.bench.results.record import RESULT, Record, UnreadableError, at, read
from mmcompose.bench.results.writing import stamp, write
from mmcompose.deploy import process
from mmcompose.deploy.docker.engine import DockerEngine

RUNNING, ABORTED = "running", "aborted"
KILLED = 137
_LAST_LINES = 20
_SILENT_S = 600.0
"""Seconds. A live client writes each request as it ends; a run of unknown process is over after so long a silence."""


def ended(folder: Path, code: int, last_lines: Sequence[str]) -> None:
    """Marks a result as cut off if it still has the state `running` after its client has ended."""
    shown = [line for line in last_lines if line.strip()][-_LAST_LINES:]
    reason = f"the client ended with exit code {code}"
    if code == KILLED:
        reason = f"the client was killed (exit code {code}); most often its memory was not enough"
    settle(folder, f"{reason}: {shown[-1]}" if shown else reason, code, shown)


def settle(folder: Path, reason: str, code: int | None, last_lines: Sequence[str] = ()) -> None:
    """Writes the outcome. Raises OSError if even that cannot be written."""
    try:
        result = dict(read(folder).result)
    except UnreadableError:
        return
    run = result["run"]
    if run.get("status") != RUNNING:
        return
    outcome: dict[str, Any] = {"status": ABORTED, "exit_reason": reason[:500], "exit_code": code, "finished": stamp()}
    result["run"] = run | outcome | ({"last_words": list(last_lines)} if last_lines else {})
    result["verdict"] = {"ok": False, "reasons": [reason[:500]]}
    try:
        write(folder, result)
    except OSError:
        _in_place(folder / RESULT)


def _in_place(path: Path) -> None:
    """Marks a result as aborted on a full disk: both states are equally long, so one replaces the other."""
    before, after = (f'"status": "{status}"'.encode() for status in (RUNNING, ABORTED))
    with path.open("r+b") as file:
        place = file.read().find(before)
        if place >= 0:
            file.seek(place)
            file.write(after)


def left_behind(records: Sequence[Record], engine: DockerEngine) -> list[Record]:
    """Settles the runs whose mmcompose was killed and whose client is gone; returns them, read again."""
    return [*_of_a_process(records), *_of_a_container(records, engine)]


def _of_a_process(records: Sequence[Record]) -> list[Record]:
    """Runs that mmcompose measures itself, from outside."""
    over = [one for one in records if one.status == RUNNING and process.is_gone(at(one.result, "run", "process"))]
    for record in over:
        settle(record.folder, "mmcompose was killed while it measured", None)
    return [read(record.folder) for record in over]


def _of_a_container(records: Sequence[Record], engine: DockerEngine) -> list[Record]:
    candidates = {name: record for record in records if record.status == RUNNING for name in _names(record)}
    if not candidates:
        return []
    here, settled = engine.info().get("ID"), []
    known = engine.inspect(list(candidates))
    for name, record in candidates.items():
        found = next((one for one in known if _is(one, name)), None)
        if found is not None:
            state = found.get("State") or {}
            over, code = not state.get("Running") and state.get("Status") != "created", state.get("ExitCode")
        else:
            over, code = _nobody_else_has_it(record, here), None
        if over:
            settle(record.folder, "mmcompose was killed while it measured, and the client is gone", code)
            settled.append(read(record.folder))
    return settled


def _names(record: Record) -> list[str]:
    """How Docker knows the client: by the name that mmcompose gave it, or by the id that is its host name."""
    name = at(record.result, "run", "container")
    host = at(record.result, "run", "client", "hostname")
    if isinstance(name, str) and re.fullmatch(r"[a-zA-Z0-9_.-]{1,128}", name):
        return [name]
    return [host] if isinstance(host, str) and re.fullmatch(r"[0-9a-f]{12}", host) else []


def _is(container: Mapping[str, Any], name: str) -> bool:
    return str(container.get("Name", "")).lstrip("/") == name or str(container.get("Id", "")).startswith(name)


def _nobody_else_has_it(record: Record, here: Any) -> bool:
    """Whether a client that this Docker does not know is over: it was this Docker's, or has long been silent."""
    if engine := at(record.result, "run", "docker_id"):
        # A folder that the client did not make itself is there before the client's container.
        grace = 0.0 if at(record.result, "run", "client") else 120.0
        return bool(engine == here) and _still_for(record.folder) > grace
    return _still_for(record.folder) > _SILENT_S


def _still_for(folder: Path) -> float:
    return time.time() - max((each.stat().st_mtime for each in folder.iterdir()), default=0.0)
