"""The hardening rules, one row each. A service that breaks one needs a waiver with a reason and a date.

The numbers are ours; they follow the container benchmarks and linters that people already run on compose files.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from mmcompose.core.claims import Around, Claim, claims
from mmcompose.core.images import tag_of
from mmcompose.core.sizes import in_bytes
from mmcompose.model import Path, Problem, Profile, Project, Service, Setting

Finding = tuple[Path, str, str]
"""The path of the value at fault, what is wrong, and what to do."""

Check = Callable[[Service, Project], Iterator[Finding]]


class Rule(NamedTuple):
    id: str
    title: str
    check: Check


_SOCKETS = re.compile(r"(docker|containerd|podman|crio)\.sock")
_SENSITIVE = re.compile(
    r"/(?:etc|proc|sys|dev|boot|root|run|var|usr|bin|sbin|lib|lib64|home)?/?\Z|/(?:etc|proc|sys|boot|root)/"
)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY|CREDENTIALS?)(?:$|_(?!PATH|FILE))", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"\b(?:hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{16,})|://[^/\s:@]+:[^/\s@]+@"
)
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_LOOPBACK = ("127.", "::1")


def _privileged(service: Service, _: Project) -> Iterator[Finding]:
    if service.security.privileged:
        yield ("security", "privileged"), "the container could do everything on the host", "give it its devices instead"


def _socket(service: Service, _: Project) -> Iterator[Finding]:
    for index, mount in enumerate(service.mounts):
        if _SOCKETS.search(mount.source):
            yield ("mounts", index), "whoever holds the engine's socket owns the host", "remove the mount"


def _host_namespaces(service: Service, _: Project) -> Iterator[Finding]:
    if service.security.network == "host":
        yield ("security", "network"), "host network", "publish the port that is needed"
    if service.security.ipc == "host":
        yield ("security", "ipc"), "host ipc", "a private ipc with resources.shm_size does the same"


def _capabilities(service: Service, _: Project) -> Iterator[Finding]:
    if "ALL" not in service.security.cap_drop:
        yield ("security", "cap_drop"), "capabilities are kept", "drop ALL, and give back what is needed"
    if service.security.cap_add:
        yield ("security", "cap_add"), f"{', '.join(service.security.cap_add)} given back", "leave it out"


def _privileges(service: Service, _: Project) -> Iterator[Finding]:
    if not service.security.no_new_privileges:
        yield ("security", "no_new_privileges"), "processes may gain privileges", "set it to true"
    if service.security.seccomp:
        yield ("security", "seccomp"), "system calls are not filtered", "leave it out"


def _root(service: Service, _: Project) -> Iterator[Finding]:
    user = service.security.user
    if user is None or int(user.partition(":")[0]) == 0:
        yield ("security", "user"), "runs as root", "set a numeric uid:gid, or host"


def _writable(service: Service, _: Project) -> Iterator[Finding]:
    if not service.security.read_only:
        yield ("security", "read_only"), "the root file system is writable", "set it to true, and write to caches"


def _low_ports(service: Service, _: Project) -> Iterator[Finding]:
    for name, port in service.ports.items():
        if isinstance(port, int) and port < 1024:
            yield ("ports", name), f"{port} is a privileged port", "take one above 1023"


def _image(service: Service, _: Project) -> Iterator[Finding]:
    if service.image is None:
        yield ("image",), "no image", "write image:, or version: for the backend's own"
        return
    tag = tag_of(service.image)
    if tag is None and "@sha256:" not in service.image:
        yield ("image",), f"{service.image} has no tag", "name the release"
    elif tag == "latest":
        yield ("image",), "latest moves under you", "name the release"


def _literal_secrets(service: Service, _: Project) -> Iterator[Finding]:
    for where, values in (("env", service.env), ("args", service.args)):
        for name, value in values.items():
            if isinstance(value, str) and value and (_SECRET_NAME.search(name) or _SECRET_VALUE.search(value)):
                yield (where, name), "a secret in plain text", "put it into a file and name it under secrets:"


def _limits(service: Service, _: Project) -> Iterator[Finding]:
    hint = "a model that runs away takes the host with it"
    if service.resources.memory is None or in_bytes(service.resources.memory) == 0:
        yield ("resources", "memory"), "no limit", hint
    if service.resources.pids is None:
        yield ("resources", "pids"), "no limit", hint


def _sensitive_paths(service: Service, _: Project) -> Iterator[Finding]:
    places: list[tuple[Path, str]] = [(("mounts", index), mount.source) for index, mount in enumerate(service.mounts)]
    if service.weights.path:
        places.append((("weights", "path"), service.weights.path))
    for path, source in places:
        if _SENSITIVE.match(_straight(source)):
            yield path, f"{source} belongs to the system", "mount the folder of the model itself"


def _straight(path: str) -> str:
    """An absolute path without the detours that lead somewhere else."""
    return "/" + posixpath.normpath(path).lstrip("/") if path.startswith("/") else path


def _health(service: Service, _: Project) -> Iterator[Finding]:
    if not service.health.test:
        yield ("health", "test"), "nobody could tell when it is ready", "write the command that asks the engine"
    elif service.health.start_period is None:
        yield ("health", "start_period"), "a model that loads slowly would be called unhealthy", "give it time to load"


def _restart(service: Service, _: Project) -> Iterator[Finding]:
    if service.restart == "always":
        yield ("restart",), "always restarts what somebody stopped on purpose", "use unless-stopped or on-failure:5"


def _log_limits(service: Service, _: Project) -> Iterator[Finding]:
    if service.logging.max_size is None:
        yield ("logging", "max_size"), "the log may fill the disk", "set a size such as 10m"


def _foreign_code(service: Service, _: Project) -> Iterator[Finding]:
    path = ("args", "trust_remote_code")
    if service.args.get("trust_remote_code") is not True:
        return
    if not _COMMIT.match(service.weights.revision or ""):
        yield path, "runs code from the model's repository, at no fixed commit", "pin weights.revision to a commit"
    elif "args.trust_remote_code" not in service.why:
        yield path, "runs code from the model's repository, and nobody says why", "write why: args.trust_remote_code"


def _open_door(service: Service, project: Project) -> Iterator[Finding]:
    if service.ports and not project.bind.startswith(_LOOPBACK) and not service.secrets:
        name = next(iter(service.ports))
        message = f"published on {project.bind} without an API key"
        yield ("ports", name), message, "bind to 127.0.0.1 in mmcompose.yaml, or give the engine a key under secrets:"


RULES = (
    Rule("S01", "not privileged", _privileged),
    Rule("S02", "no engine socket", _socket),
    Rule("S03", "no namespaces of the host", _host_namespaces),
    Rule("S04", "no capabilities", _capabilities),
    Rule("S05", "no new privileges, filtered system calls", _privileges),
    Rule("S06", "not root", _root),
    Rule("S07", "read-only root", _writable),
    Rule("S08", "no privileged ports", _low_ports),
    Rule("S09", "a named release", _image),
    Rule("S10", "no secret in plain text", _literal_secrets),
    Rule("S12", "limits of memory and processes", _limits),
    Rule("S13", "no folders of the system", _sensitive_paths),
    Rule("S15", "a health check with time to load", _health),
    Rule("S16", "a restart policy that can be stopped", _restart),
    Rule("S17", "limits of the log", _log_limits),
    Rule("S21", "foreign code only pinned and explained", _foreign_code),
    Rule("S23", "no open door without a key", _open_door),
)


def check(claim: Claim, around: Around) -> Iterator[Problem]:
    tree = claim.tree
    waived = {waiver.rule for waiver in claim.service.waivers}
    for rule in RULES:
        findings = list(rule.check(claim.service, around.project))
        if rule.id in waived:
            if not findings:
                at = _waiver(tree, rule.id)
                yield Problem(at.place, "waivers", f"{rule.id} is kept anyway", "remove the waiver", rule.id, "warning")
            continue
        for path, message, hint in findings:
            waiver = f"{hint}; or waive {rule.id} with a reason and a date" if hint else f"or waive {rule.id}"
            yield claim.problem(path, message, waiver, rule.id)
    known = {rule.id for rule in RULES}
    for rule_id in sorted(waived - known):
        yield Problem(
            _waiver(tree, rule_id).place,
            "waivers",
            f"no rule {rule_id}",
            f"known: {', '.join(sorted(known))}",
            "waiver",
        )


def expired(profile: Profile, today: str) -> Iterator[Problem]:
    """Waivers whose date has passed. Only `validate` and `--check` ask: rendered bytes never depend on the date."""
    for claim in claims([profile]):
        for waiver in claim.service.waivers:
            if waiver.until < today:
                at = _waiver(claim.tree, waiver.rule)
                message = f"the waiver of {waiver.rule} ended on {waiver.until}"
                yield Problem(at.place, "waivers", message, f"judge it again: {waiver.reason}", "waiver.expired")


def _waiver(tree: Setting, rule: str) -> Setting:
    waivers = tree.said(("waivers",))
    for item in waivers.value if waivers else ():
        if item.value["rule"].value == rule:
            return item  # type: ignore[no-any-return]  # a Setting's value is data of any shape
    return tree


@cache
def titles() -> Mapping[str, str]:
    return {rule.id: rule.title for rule in RULES}
