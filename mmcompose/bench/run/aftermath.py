"""Completes a run's folder after the client has ended: the server's state, its log, the compose file, reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mmcompose.bench.report import page_text, worst
from mmcompose.bench.results.record import Record, read
from mmcompose.bench.results.writing import write
from mmcompose.bench.run.kind import ClientKind
from mmcompose.bench.whole_files import replace
from mmcompose.deploy.docker.observe import Running

LOG_LINES = 2000


class Server(NamedTuple):
    """The engine's container before and after, and the end of its log."""

    before: Running
    after: Running | None
    log: tuple[str, ...] = ()

    @property
    def fell(self) -> bool:
        after = self.after
        return (
            after is None
            or not after.alive
            or after.restarts > self.before.restarts
            or after.started != self.before.started
        )


def diagnosis(server: Server, profile: str) -> dict[str, Any] | None:
    """Why the server died during the run; None if it did not."""
    if not server.fell:
        return None
    from mmcompose.deploy.causes.evidence import Evidence
    from mmcompose.deploy.causes.recognise import recognise

    restarts = (server.after.restarts - server.before.restarts) if server.after else 0
    cause = recognise(
        Evidence(
            profile=profile,
            service=server.before.service,
            image=server.before.image,
            container=server.after,
            restarts=restarts,
            log=server.log,
        )
    )
    return {"name": cause.name, "cause": cause.line, "next": cause.next, "log": list(server.log[-20:])}


def complete(
    folder: Path, kind: ClientKind, more: Mapping[str, Any], log: Iterable[str], compose: str | None, pictures: Path
) -> Record:
    """Writes the facts that the client could not know, then the reports. The result is replaced whole.

    `pictures` are those that the client sent, if it sent any.
    """
    if any(value is not None for value in more.values()):
        found = {name: value for name, value in more.items() if value is not None}
        write(folder, {**read(folder).result, **found})
    lines = list(log)
    if lines:
        replace(folder / "engine.log", "\n".join(lines) + "\n")
    if compose is not None:
        replace(folder / "compose.rendered.yaml", compose)
    record = read(folder)
    worst.keep_pictures(record, pictures)
    replace(folder / "report.md", kind.markdown(record))
    replace(folder / "report.html", page_text.page([record]))
    return record
