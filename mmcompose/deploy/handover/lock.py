"""Allows one hand-over at a time on one Docker Engine, from any project and any user.

The lock is a container that is never started, under a fixed name: Docker gives a name to one caller only. Its labels
name the holder, so that a person can read it after a crash (`docker inspect mmcompose-switch`), and another command can
take the lock over: at once if the holder was a process of this machine that is gone, else when its lease has run out by
Docker's clock.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import os
import socket
from collections.abc import Iterator, Mapping

from mmcompose.deploy import moments, process
from mmcompose.deploy.docker.engine import DockerEngine, EngineError, NameTakenError
from mmcompose.model.failure import Failure
from mmcompose.model.labels import LOCK

NAME = "mmcompose-switch"


@contextlib.contextmanager
def held(engine: DockerEngine, image: str, doing: str, lease: float) -> Iterator[str]:
    """Holds the lock; yields a note about a lock that was left behind and taken over, usually None."""
    note = ""
    for _ in range(5):
        try:
            mine = engine.reserve(NAME, image, _labels(doing, lease))
            break
        except NameTakenError:
            note = _clear(engine) or note
    else:
        raise Failure(f"other commands keep taking the lock {NAME}: try again")
    try:
        yield note
    finally:
        # When Docker has gone, so has this process soon: the next one sees that and takes the lock over.
        with contextlib.suppress(EngineError):
            engine.remove([mine])


def holder(engine: DockerEngine) -> tuple[str, Mapping[str, str], str] | None:
    """Id, labels and time of creation of the lock, if it is held."""
    for answer in engine.containers({LOCK: None}):
        if str(answer.get("Name", "")).removeprefix("/") == NAME:
            return answer["Id"], answer["Config"]["Labels"], answer.get("Created", "")
    return None


def described(labels: Mapping[str, str], created: str) -> str:
    who, pid = labels.get(f"{LOCK}.owner", "?"), labels.get(f"{LOCK}.pid", "?")
    return f"{labels.get(f'{LOCK}.doing', '?')} by {who}, process {pid}, since {moments.local(created)}"


def sweep(engine: DockerEngine) -> str:
    """Removes the lock of a command that was killed, and returns a note; the lock of a running one stays."""
    return _removed(engine, "removed")[0]


def _removed(engine: DockerEngine, how: str) -> tuple[str, str]:
    """Removes a lock without a living holder: the note about it, or the holder of a living one."""
    found = holder(engine)
    if found is None:
        return "", ""
    identity, labels, created = found
    why = stale(labels, created, moments.read(str(engine.info().get("SystemTime", ""))))
    if not why:
        return "", described(labels, created)
    # By its id, never by its name: whoever was faster has a lock with another id.
    engine.remove([identity])
    return f"{how} a lock that was left behind ({why}): {described(labels, created)}", ""


def _clear(engine: DockerEngine) -> str:
    """Removes a lock without a living holder; refuses to remove any other."""
    note, living = _removed(engine, "took over")
    if living:
        raise Failure(f"another command is handing over a GPU: {living}")
    if not note and _foreign(engine):
        raise Failure(
            f"a container named {NAME} is there, and it is not a lock of mmcompose: remove it with docker rm {NAME}"
        )
    return note


def _foreign(engine: DockerEngine) -> bool:
    try:
        return bool(engine.inspect([NAME])) and holder(engine) is None
    except EngineError:
        return False


def stale(labels: Mapping[str, str], created: str, now: dt.datetime | None) -> str:
    """Why no process can still hold the lock; empty if one can."""
    if labels.get(f"{LOCK}.place") == process.place():
        pid, began = labels.get(f"{LOCK}.pid", ""), labels.get(f"{LOCK}.began", "")
        return "" if began == process.began(pid) and began else "its process is gone"
    lease_text = labels.get(f"{LOCK}.lease", "")
    lease = float(lease_text) if lease_text.isdigit() else 0.0
    made = moments.read(created)
    if now is not None and made is not None and (now - made).total_seconds() > lease:
        return "its lease has run out"
    return ""


def _labels(doing: str, lease: float) -> dict[str, str]:
    owner = f"{_user()}@{socket.gethostname()}"
    facts = {"owner": owner, **process.mine(), "lease": f"{lease:.0f}", "doing": doing}
    return {LOCK: "switch"} | {f"{LOCK}.{name}": str(value) for name, value in facts.items()}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
