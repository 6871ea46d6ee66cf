"""Engines beside the first one, each with data, socket and network namespace of its own.

Two engines in one network namespace disturb each other: the second one's runs removed the first one's bridge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bed import announce, debian, engine, permission, pins, place, processes
from tests.bed.commands import step
from tests.bed.engine import Engine, NoEngineError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IN_A_NETWORK_OF_ITS_OWN = ("unshare", "--net", "--", "sh", "-c", 'ip link set lo up && exec "$0" "$@"')

_met: set[str] = set()
"""Engines that this run has met: what stands on them since is its own, also after it let one crash."""


def ensure(name: str, dockerd: Path, options: Sequence[str | Path] = (), first_on_path: Sequence[Path] = ()) -> Engine:
    """The engine of that name, started when it does not answer. Call it with ``only_one(name)`` held."""
    socket = place.short() / f"{name}.sock"
    host = f"unix://{socket}"
    record = place.folder("engines", name) / "process.json"
    started = processes.alive(record) is None or not engine.answers(host)
    if started:
        engine.stop(name)
        with step(f"engine {name} answers"):
            engine.start(
                name, dockerd, socket, options=options, around=IN_A_NETWORK_OF_ITS_OWN, first_on_path=first_on_path
            )
    pid = processes.alive(record)
    found = Engine(name, host, ("nsenter", f"--net=/proc/{pid}/ns/net", "--"))
    if started and name not in _met:
        sweep(found)
    _met.add(name)
    return found


def sweep(found: Engine) -> None:
    """These engines are the bed's alone: what stands on one that was just started was left by a run that was killed,
    and would start again by itself, on GPUs and ports that the next tests need."""
    left = found.docker("ps", "--all", "--quiet").split()
    if left:
        found.docker("rm", "--force", "--volumes", *left)


def possible() -> None:
    """Have what a further engine needs; raises NoEngineError where one cannot be started."""
    if not permission.is_root_on_debian():
        raise NoEngineError(f"a further Docker Engine needs root on Debian {pins.HOST_SUITE}")
    with place.only_one("engine"):
        announce.first(engine=True)
        debian.install_host_tools()
        engine.unpack()
