"""Describes a failure that no row knows: the state of the container, its last error, or a kill for lack of memory."""

from __future__ import annotations

import re
from itertools import pairwise

from mmcompose.core.sizes import spoken
from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.reckon import FUNCTIONS
from mmcompose.engines.known.engine import all_known, known

Seen = tuple[str, str, str]
"""A name, the line, and the next step."""

_SHOWN = 300
_SIGNALS = {
    126: "its program may not be executed",
    127: "its program is not in the image",
    132: "an illegal instruction: the image was built for a newer processor",
    134: "it aborted",
    135: "a bus error: often the shared memory is too small (resources.shm_size)",
    136: "an arithmetic error, such as a division by zero",
    137: "it was killed",
    139: "it crashed: a segmentation fault",
    143: "somebody stopped it",
    159: "the kernel forbids a call that it made (seccomp)",
}
"""128 and the number of the signal, and the codes of shells."""
_ANOTHER = (
    "another release: mmcompose up {profile} --backend-version VERSION; "
    "else fewer settings: mmcompose explain {profile} args"
)
_CURES = {
    126: "an image as its makers published it: mmcompose explain {profile} image, security.user",
    127: "an image as its makers published it: mmcompose explain {profile} image",
    132: "build it for this processor: mmcompose up {profile} --image-type build",
    134: _ANOTHER,
    135: "mmcompose up {profile} --set resources.shm_size=8g; else mmcompose logs {profile}",
    136: _ANOTHER,
    139: _ANOTHER,
    159: "a newer Docker knows more calls: docker version; mmcompose explain {profile} security",
}
"""Remedies against such an end, if the engine printed nothing."""
_SEGFAULT = 139
_OFTEN = "; often another release helps: mmcompose up {profile} --backend-version VERSION; or fewer settings (args)"
_REFERS = re.compile(
    r"^(?:For more|See |You might be|Run '|Usage:|ERRO\[\d+\]|Learn more|time=)|--help|https?://docs\."
)
"""Last lines of Docker's that only name another place to read."""
_OWN = {137: "it ended its own processes", 143: "it ended its own processes"}
"""The meaning of these codes after an error of an engine that ends its children, and so itself, by a signal."""


def seen(evidence: Evidence, last_error: str, last_line: str = "") -> Seen:
    container, logs = evidence.container, f"mmcompose logs {evidence.profile}"
    if container is None:
        return _without_container(evidence)
    if evidence.refusal:
        return "engine-refused", evidence.refusal[:_SHOWN], logs
    code = container.exit_code if evidence.exit_code is None else evidence.exit_code
    own = last_error and not known(container.backend).one_process
    meaning = (_OWN.get(code) if own else None) or _SIGNALS.get(code)
    ending = f"exit code {code}" + (f", {meaning}" if meaning else "")
    last = f"; the engine's last error: {last_error}"[:_SHOWN] if last_error else ""
    shown = last or (f"; its last line: {last_line}"[:_SHOWN] if last_line else "")
    if last_error:
        logs += _OFTEN.format(profile=evidence.profile)
    elif louder := known(container.backend).louder:
        logs = f"mmcompose up {evidence.profile} --set {louder} shows more; then {logs}"
        logs += _OFTEN.format(profile=evidence.profile) if code else ""
    if not last_error and code in _CURES:
        own_cure = known(container.backend).crashed if code == _SEGFAULT else ""
        logs = (own_cure or _CURES[code]).format(profile=evidence.profile)
    if container.status == "restarting" or (evidence.restarts and container.status != "exited"):
        return (
            "restart-loop",
            f"it starts and dies again and again ({evidence.restarts} restarts, {ending}){shown}",
            logs,
        )
    if container.status in ("exited", "dead"):
        silent = ", without an error in its log" if code and last_line and not (last_error or meaning) else ""
        return "exited", f"it stopped by itself with {ending}{silent}{shown}", logs
    if container.health == "unhealthy":
        report = f": {container.health_log.splitlines()[-1]}" if container.health_log else ""
        return "unhealthy", f"its health check failed too often{report}"[:_SHOWN] + shown, logs
    last_answer = evidence.last_answer or "nothing has answered yet"
    line = f"it runs, and was not ready after {evidence.waited:.0f} s ({last_answer}){shown}"
    if last:
        return "not-ready", line, logs
    return "not-ready", line, f"mmcompose up {evidence.profile} --timeout {max(1200, int(evidence.waited * 3))}"


def _without_container(evidence: Evidence) -> Seen:
    lines = [line for line in evidence.refusal.strip().splitlines() if line.strip()]
    if lines:
        text = next((line for line in reversed(lines) if not _REFERS.search(line)), lines[-1])
        return "docker-refused", text.strip()[:_SHOWN], f"mmcompose doctor {evidence.profile}".rstrip()
    return "gone", "its container is gone: somebody took it down", f"mmcompose up {evidence.profile}"


def by_the_kernel(evidence: Evidence) -> tuple[str, str, str]:
    """The cause's name, its line, and the next command."""
    limit, peak = evidence.limit, evidence.memory_peak
    line = "the container ran out of memory: the kernel killed it"
    if limit:
        line += f" at its limit of {spoken(limit)}"
    if peak:
        line += f" (its peak was {spoken(peak)})" if limit else f" (it had taken {spoken(peak)})"
    size = FUNCTIONS["more_memory"](str(limit)) if limit else "SIZE"
    more = f"mmcompose up {evidence.profile} --set resources.memory={size}"
    if flag := _offload(evidence.container.command if evidence.container else ()):
        key = flag[0].removeprefix("--").replace("-", "_")
        line += f"; {flag[0]} {flag[1]} asks for that many GiB of it"
        less = f"{float(flag[1]) / 2:g}"
        return "host-memory", line, f"mmcompose up {evidence.profile} --set args.{key}={less}, or more: {more}"
    return "host-memory", line, more


def _offload(command: tuple[str, ...]) -> tuple[str, str] | None:
    """The flag that takes memory of the machine, and its value: a smaller one is the first remedy."""
    flags = {f"--{name}" for one in all_known() for name in one.host_gib}
    parts = [argument for one in command for argument in one.split("=", 1)] if command else []
    for flag, value in pairwise(parts):
        if flag[:2] + flag[2:].replace("-", "_") in flags and value.replace(".", "", 1).isdigit() and float(value) > 0:
            return flag.replace("_", "-"), value
    return None
