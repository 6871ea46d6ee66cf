"""Whether the engine's release is one with which this can work, as far as the layers say it under `needs:`."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.engines.versions import COMMIT, key
from mmcompose.model import Problem, Profile


def check(subject: Profile) -> Iterator[Problem]:
    for name, service in subject.services.items():
        needs, tree = service.needs, subject.settings[name]
        release = service.engine_version or service.version
        if release is None:
            continue
        path = "engine_version" if service.engine_version else "version"
        where, why = tree.nearest((path,)).place, needs.reason or ""
        if needs.commit and not COMMIT.fullmatch(release):
            title = subject.engines[name].title
            yield Problem(where, path, f"{release} is no commit of {title}", why, "needs")
        elif _older(release, needs.version):
            yield Problem(where, path, f"{release} is too old, {needs.version} is needed", why, "needs")
        elif _older(release, needs.certain):
            message = f"{release} may be too old, it is certain from {needs.certain} on"
            yield Problem(where, path, message, why, "needs", "warning")


def _older(release: str, needed: str | None) -> bool:
    """What is no release (a commit, a build number) is not judged."""
    mine, least = key("release", release), key("release", needed or "")
    return mine is not None and least is not None and mine < least
