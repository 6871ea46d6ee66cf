"""Why did it not come up? One line and the next command, from what Docker and the engine said. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mmcompose.deploy.docker_signs import DOCKER_SIGNS
from mmcompose.deploy.engine_signs import ENGINE_SIGNS
from mmcompose.deploy.observe import Running
from mmcompose.deploy.signs import Sign

_LONGEST = 1000
"""Of a line; what matters stands at its beginning, and some patterns take the square of its length."""


class Cause(NamedTuple):
    name: str
    line: str
    next: str
    final: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about a failure. `refusal` is what Docker said to a command of ours."""

    profile: str
    service: str = ""
    host: str = ""
    image: str = ""
    refusal: str = ""
    container: Running | None = None
    restarts: int = 0
    log: tuple[str, ...] = ()
    heard: str = ""
    waited: float = 0.0
    port_holders: Mapping[int, str] = field(default_factory=dict)


def recognise(evidence: Evidence) -> Cause:
    """There is always an answer; the last rows of it only say what was seen."""
    return signed(evidence) or _from_state(evidence)


def signed(evidence: Evidence) -> Cause | None:
    """A cause that somebody named: Docker, the kernel, or the engine in its log."""
    container = evidence.container
    docker = "\n".join(filter(None, [evidence.refusal, container.error if container else ""]))
    found = _found(DOCKER_SIGNS, docker, evidence)
    if found is None and container is not None and container.oom_killed:
        line = "the memory of the container is not enough: the kernel killed it"
        found = Cause("host-memory", line, f"mmcompose up {evidence.profile} --set resources.memory=SIZE")
    return found or _found(ENGINE_SIGNS, "\n".join(evidence.log), evidence)


def _found(signs: Sequence[Sign], text: str, evidence: Evidence) -> Cause | None:
    text = "\n".join(line[:_LONGEST] for line in text.splitlines())
    for sign in signs:
        for pattern in sign.patterns:
            if match := re.search(pattern, text):
                return _filled(sign, match, evidence)
    return None


def _filled(sign: Sign, match: re.Match[str], evidence: Evidence) -> Cause:
    container = evidence.container
    words = {
        "profile": evidence.profile or "PROFILE",
        "host": evidence.host or "HOST",
        "image": evidence.image or (container.image if container else ""),
    }
    said = {name: " ".join(value.split())[:200] for name, value in match.groupdict().items() if value}
    if "image" in said and "/" not in said["image"] and ":" not in said["image"]:
        # Docker shortens names when it refuses; what the profile says is whole.
        del said["image"]
    words |= {"holder": "", "of_path": f": {said['path']}" if "path" in said else ""} | said
    holder = evidence.port_holders.get(int(said["port"])) if "port" in said else None
    words["holder"] = f" by {holder}" if holder else ""
    blank = defaultdict(lambda: "?", words)
    return Cause(sign.name, sign.cause.format_map(blank), sign.next.format_map(blank), sign.final)


_REASONS = (
    r"^\s*Value error, (?P<why>[^\n]+)",
    r"(?:^|[\s\]])(?:\w+\.)*(?P<why>[A-Z]\w*(?:Error|Exception): [^\n]+)",
    r"^\s*what\(\):\s+(?P<why>[^\n]+)",
)
"""How programs in Python and C++ say why they give up. The first of a chain is where it began."""


def _reason(log: Sequence[str]) -> str:
    text = "\n".join(line[:_LONGEST] for line in log)
    found = next(filter(None, (re.search(pattern, text, re.MULTILINE) for pattern in _REASONS)), None)
    return f": {found['why'].strip()}"[:300] if found else ""


_SIGNALS = {
    132: "an illegal instruction: the image was built for a newer processor",
    134: "it aborted",
    135: "a bus error: often the shared memory is too small (resources.shm_size)",
    137: "it was killed",
    139: "it crashed",
    143: "somebody stopped it",
}
"""128 and the number of the signal."""


def _from_state(evidence: Evidence) -> Cause:
    container, logs = evidence.container, f"mmcompose logs {evidence.profile}"
    if container is None:
        line = (
            evidence.refusal.strip().splitlines()[-1]
            if evidence.refusal.strip()
            else "its container is gone: somebody took it down"
        )
        if evidence.refusal:
            return Cause("docker-refused", line[:300], f"mmcompose doctor {evidence.profile}".rstrip(), False)
        return Cause("gone", line[:300], f"mmcompose up {evidence.profile}", False)
    if evidence.refusal:
        return Cause("engine-refused", evidence.refusal[:300], logs)
    code = container.exit_code
    told = f"exit code {code}" + (f", {_SIGNALS[code]}" if code in _SIGNALS else "")
    if container.status == "restarting" or (evidence.restarts and container.status != "exited"):
        line = f"it starts and dies again and again ({evidence.restarts} restarts, {told}){_reason(evidence.log)}"
        return Cause("restart-loop", line, logs, False)
    if container.status in ("exited", "dead"):
        return Cause("exited", f"it stopped by itself with {told}{_reason(evidence.log)}", logs, False)
    if container.health == "unhealthy":
        said = f": {container.health_log.splitlines()[-1]}" if container.health_log else ""
        return Cause("unhealthy", f"its health check failed too often{said}"[:300], logs, False)
    line = f"it runs, and was not ready after {evidence.waited:.0f} s ({evidence.heard or 'nothing has answered yet'})"
    return Cause(
        "not-ready", line, f"mmcompose up {evidence.profile} --timeout {max(1200, int(evidence.waited * 3))}", False
    )
