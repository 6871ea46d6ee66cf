"""Names the cause of a failed start on one line, and the next command, from the output of Docker and the engine.
Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.core.sizes import spoken
from mmcompose.deploy.causes import judge, state, weights
from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.judge import Hearing, Verdict
from mmcompose.deploy.causes.reckon import reckoned

NOT_PULLED = (
    "image-missing",
    "image-denied",
    "image-tag-missing",
    "rate-limited",
    "pull-broken",
    "registry-unreachable",
    "registry-certificate",
    "registry-no-registry",
    "image-format",
)
"""Causes of an image that could not be pulled."""


class Cause(NamedTuple):
    name: str
    line: str
    next: str
    final: bool = True


def recognise(evidence: Evidence) -> Cause:
    """The cause. There always is one: the last rows only describe the observed state."""
    hearing = _hearing(evidence)
    if found := signed(evidence, hearing):
        return found
    return Cause(*state.seen(evidence, hearing.last_error, hearing.last_line), final=False)


def stuck(evidence: Evidence) -> Cause | None:
    """Why a server that keeps running will never be ready, from its own log; `final` if that is certain."""
    hearing = _hearing(evidence)
    verdict = hearing.verdict()
    if verdict is not None and (verdict.row.lasting or not verdict.row.weak):
        return _cause(verdict, evidence) if verdict.row.lasting else None
    if verdict is not None:
        return _cause(verdict, evidence)._replace(final=False)
    return Cause(*state.seen(evidence, hearing.last_error), final=False) if hearing.last_error else None


def _hearing(evidence: Evidence) -> Hearing:
    container = evidence.container
    return Hearing(evidence.log, container.backend if container else "", evidence.release)


def signed(evidence: Evidence, hearing: Hearing | None = None) -> Cause | None:
    """A cause that Docker, the kernel or the engine named in its output."""
    container, hearing = evidence.container, hearing or _hearing(evidence)
    if container is not None and container.role == "fetch" and (missing := weights.unfetched(evidence)):
        return Cause(*missing)
    docker = "\n".join(filter(None, [evidence.refusal, container.error if container else ""]))
    refused = judge.refused(docker)
    if refused and not refused.row.weak:
        return _cause(refused, evidence)
    if evidence.killed or (container is not None and container.oom_killed):
        return Cause(*state.by_the_kernel(evidence))
    by_docker = "\n".join(judge.of_docker(evidence.log))
    ended = judge.refused(by_docker) if by_docker and by_docker.splitlines()[-1].endswith(hearing.last_line) else None
    found = ended or hearing.verdict() or refused or judge.refused(by_docker)
    return _cause(found, evidence) if found else None


def _cause(verdict: Verdict, evidence: Evidence) -> Cause:
    container, captured = evidence.container, verdict.captured
    image = evidence.image or (container.image if container else "")
    if "image" in captured and image and "/" not in captured["image"] and ":" not in captured["image"]:
        # Docker shortens names in its refusals; the profile has the whole name.
        del captured["image"]
    holder = evidence.port_holders.get(int(captured["port"])) if captured.get("port", "").isdigit() else None
    known = {
        "profile": evidence.profile or "PROFILE",
        "host": evidence.host or "HOST",
        "image": image,
        "repository": captured.get("image", image).partition("@")[0].rpartition(":")[0] or captured.get("image", image),
        "registry": _registry(captured.get("image", image)),
        "holder": holder or "",
        "size": "SIZE",
        "limit_bytes": str(evidence.limit or ""),
        "limit": spoken(evidence.limit) if evidence.limit else "",
        "peak": spoken(evidence.memory_peak) if evidence.memory_peak else "",
    }
    line, following = worded(verdict, known)
    return Cause(verdict.row.id, line[:400], following, verdict.row.final)


def _registry(image: str) -> str:
    """The host in an image's name; empty for Docker Hub, which needs none."""
    host = image.partition("/")[0] if "/" in image else ""
    return host if "." in host or ":" in host else ""


_SHOWN = 200
_PART = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


def worded(verdict: Verdict, known: Mapping[str, str]) -> tuple[str, str]:
    """The cause and the advice. Values captured in the log win over the profile's."""
    captured = {name: " ".join(value.split())[:_SHOWN].rstrip(" ,.") for name, value in verdict.captured.items()}
    values = {**known, **captured}
    values |= reckoned(verdict.row.reckon, values)
    values = {name: value for name, value in values.items() if value}
    return _filled(verdict.row.cause, values), _filled(verdict.row.next, values)


def _filled(text: str, values: Mapping[str, str]) -> str:
    def part(match: re.Match[str]) -> str:
        return match[1] if all(name in values for name in _NAME.findall(match[1])) else ""

    whole = _PART.sub(part, text)
    return _NAME.sub(lambda match: values.get(match[1], "?"), whole)
