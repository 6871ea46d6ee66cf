"""Finds the source of a message: the engine that wrote a log, the rows about it, and the speaker in Docker's lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mmcompose.deploy.causes.lines import Line
from mmcompose.deploy.causes.row import Row, Speaker
from mmcompose.engines.flags import versions
from mmcompose.engines.known.engine import FILE, all_known, known
from mmcompose.engines.known.folder import having

_REGISTRY = re.compile(
    r"(?:Get|Head|Post) \\?\"?https?://|pull access denied|\bmanifest\b|toomanyrequests|too many requests|"
    r"failed to resolve (?:reference|source metadata)|requested access to the resource|failed to copy: |"
    r"httpReadSeeker|unexpected status(?: code)?(?: from)?|unauthorized|TLS handshake|repository .{1,200} not found|"
    r"error pulling image|failed to pull|failed to register layer|no basic auth|failed to authorize|insufficient_scope|"
    r"download (?:failed|error)|error from registry|failed to do request|error reading from server|"
    r"context deadline exceeded.{1,80}(?:registry|v2)|received unexpected HTTP status|error parsing HTTP \d+ response|"
    r"(?:name|blob) unknown|[Mm]edia type|missing signature key|failed to extract layer|schema 1 support|"
    r"allotted bandwidth|insufficient UIDs"
)
_DAEMON = re.compile(r"error during connect|docker\.sock|Docker daemon|docker API|no space left|input/output error")


def by_mentions(lines: Sequence[Line]) -> str:
    """The engine that a log mentions most often; empty if no engine is recognised."""
    counts = {
        one.name: sum(1 for line in lines if one.mentions.search(line.process + line.text))
        for one in all_known()
        if one.mentions
    }
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


def concerns(row: Row, name: str, release: str) -> bool:
    """Whether an engine may have written the texts of a row; an unknown engine may have written any."""
    if row.engines and name:
        if name not in having(FILE):
            return True
        if not {name, *known(name).writes_like}.intersection(row.engines):
            return False
    return not row.releases or within(row.releases, release)


def within(releases: str, release: str) -> bool:
    """Whether a release lies in a range such as `>=0.27 <0.30`; an unknown release may be any."""
    mine = versions.key("release", release)
    if mine is None:
        return True
    for bound in releases.split():
        sign, other = (bound[:2], bound[2:]) if bound[1] == "=" else (bound[:1], bound[1:])
        theirs = versions.key("release", other)
        if theirs is None or not {">=": mine >= theirs, "<": mine < theirs}[sign]:
            return False
    return True


def speaker(text: str) -> Speaker:
    """The speaker in one line of Docker: the registry, about an image that is pulled, or Docker itself."""
    return "registry" if _REGISTRY.search(text) and not _DAEMON.search(text) else "docker"
