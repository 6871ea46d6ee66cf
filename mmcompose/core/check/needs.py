"""Checks that the engine's release is one with which a layer works, by its `needs:`."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.engines.flags.versions import COMMIT, older
from mmcompose.model import Needs, Problem, Severity


def check(subject: Subject, _: Around) -> Iterator[Problem]:
    service = subject.service
    path = "engine_version" if service.engine_version else "version"
    for message, severity in unmet(service.needs, service.release, subject.engine.title):
        yield subject.problem((path,), message, service.needs.reason or "", "needs", severity)


def unmet(needs: Needs, release: str | None, title: str) -> Iterator[tuple[str, Severity]]:
    """At most one message about a release; none where the release is unknown."""
    if release is None:
        return
    if needs.commit and not COMMIT.fullmatch(release):
        yield f"{release} is not a commit of {title}", "error"
    elif needs.version and older(release, needs.version):
        yield f"{release} is too old, {needs.version} is needed", "error"
    elif needs.certain and older(release, needs.certain):
        yield f"{release} may be too old, it is certain from {needs.certain} on", "warning"
