"""Judges by the same rules what a project's own templates wrote, since templates can write anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import yaml

from mmcompose.core.check.rules import read_back
from mmcompose.core.check.rules.catalogue import RULES
from mmcompose.core.check.rules.read_back import Document, mapping, placed
from mmcompose.core.check.rules.secrets import in_command
from mmcompose.core.place.subject import Around, Breach, Subject
from mmcompose.core.resolve.fold import NOTHING
from mmcompose.model import Engine, Origin, Problem, Profile, Service, Setting, dotted
from mmcompose.model.targets import COMPOSE

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNKNOWN = "S30"
_JUDGED = {
    "image", "build", "volumes", "secrets", "environment", "network_mode", "ports", "networks", "entrypoint", "command",
    "restart", "healthcheck", "logging", "user", "privileged", "read_only", "ipc", "pid", "uts", "userns_mode",
    "cgroup", "cap_drop", "cap_add", "security_opt", "devices", "group_add", "deploy", "mem_limit", "pids_limit",
}  # fmt: skip
_HARMLESS = {
    "annotations", "attach", "container_name", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_shares",
    "cpus", "cpuset", "depends_on", "dns", "dns_opt", "dns_search", "domainname", "expose", "extra_hosts", "hostname",
    "init", "labels", "links", "mac_address", "mem_reservation", "mem_swappiness", "memswap_limit", "platform",
    "profiles", "pull_policy", "scale", "shm_size", "stdin_open", "stop_grace_period", "stop_signal", "tmpfs", "tty",
    "ulimits", "working_dir",
}  # fmt: skip
_OF_A_BUILD = {"context", "dockerfile", "args", "target", "tags", "labels", "pull", "no_cache", "shm_size"}
_TOP = {"name", "services", "networks", "volumes", "secrets"}
_NAMESPACES = ("pid", "uts", "userns_mode", "cgroup")
_VARIABLE = re.compile(r"(?<!\$)(?:\$\$)*\$(?:\{|[A-Za-z_])")
_ENGINE = Engine("", "")

_CHOWNS = re.compile(r"chown [\w:.-]+( [\w./-]+)+(; chown [\w:.-]+( [\w./-]+)+)*")
"""A line that gives the places of several volumes to their users, and does nothing else."""


class Rendered(NamedTuple):
    """The files of one profile as Compose would read them together, and the templates of the project's own."""

    profile: Profile
    base: str
    overlay: str
    templates: Sequence[str]

    @property
    def origin(self) -> Origin:
        return Origin("template", self.templates[0], 1, 1)


def judge(made: Rendered, around: Around) -> Iterator[Problem]:
    try:
        base, overlay = (yaml.load(text, Loader=_Loader) for text in (made.base, made.overlay))  # noqa: S506 - a safe one
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        message = f"cannot be read back: {getattr(error, 'problem', error)}"
        yield Problem(made.origin, made.profile.name, message, "write plain YAML", UNKNOWN)
        return
    document = _laid_over(mapping(base), mapping(overlay))
    every = {waiver.rule for service in made.profile.services.values() for waiver in service.waivers}
    yield from _problems(made, "", ((UNKNOWN, finding) for finding in _of_file(document)), every)
    for name, rendered in mapping(document.get("services")).items():
        key, waived = _unit_of(str(name), made.profile, every)
        yield from _problems(
            made, str(name), _findings(str(name), mapping(rendered), document, key, made, around), waived
        )


def judge_root(text: str, template: str, profiles: Iterable[Profile]) -> Iterator[Problem]:
    """Refuses all keys but `include` in the root file, since no rule judges anything else there."""
    every = {waiver.rule for profile in profiles for service in profile.services.values() for waiver in service.waivers}
    document = mapping(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe one
    for key in _beyond(document, {"name", "include"}) if UNKNOWN not in every else ():
        hint, what = f"leave it out; or waive {UNKNOWN} in a profile", "cannot be judged by any rule in compose.yaml"
        yield Problem(Origin("template", template, 1, 1), key, what, hint, UNKNOWN)


def _laid_over(base: Any, overlay: Any) -> Any:
    """Merges two files as Compose does: it joins mappings and lists, and replaces anything else."""
    if isinstance(base, dict) and isinstance(overlay, dict):
        return {**base, **{key: _laid_over(base.get(key), value) for key, value in overlay.items()}}
    if isinstance(base, list) and isinstance(overlay, list):
        return [*base, *overlay]
    return base if overlay is None else overlay


def _unit_of(name: str, profile: Profile, every: set[str]) -> tuple[str, set[str]]:
    """The service of the profile that a rendered service is, or works for, and the rules that it waives."""
    for key, service in profile.services.items():
        full = profile.compose_name(key)
        if name in (full, f"own-{full}", f"fetch-{full}") or name.startswith(f"{full}-bench-"):
            return key, {waiver.rule for waiver in service.waivers}
    return "", every


def _problems(made: Rendered, name: str, findings: Iterable[tuple[str, Breach]], waived: set[str]) -> Iterator[Problem]:
    for rule, (path, message, hint) in findings:
        if rule not in waived:
            where = dotted(("services", name, *path) if name else path)
            sentence = f"{message}, as a template writes it"
            yield Problem(made.origin, where, sentence, f"{hint}; or waive {rule} with a reason and a date", rule)


def _findings(
    name: str, rendered: Document, document: Document, key: str, made: Rendered, around: Around
) -> Iterator[tuple[str, Breach]]:
    subject = _claim(name, rendered, document, key, made, around)
    address = next((at for at, _ in read_back.ports(rendered) if at != around.project.bind), around.project.bind)
    held = around._replace(project=around.project._replace(bind=address))
    spared = _spared(name, rendered, made.profile)
    for rule in RULES:
        if rule.id not in spared:
            yield from ((rule.id, finding) for finding in rule.breaches(subject, held))
    for namespace in _NAMESPACES:
        value = str(rendered.get(namespace) or "")
        if value == "host" or value.startswith("container:"):
            yield "S03", ((namespace,), f"{namespace} of {value}", "leave it out")
    if in_command(tuple(read_back.command(rendered))):
        yield "S10", (("command",), "a secret in plain text", "put it into a file and name it under secrets:")
    for unknown in _beyond(rendered, _JUDGED | _HARMLESS):
        yield UNKNOWN, ((unknown,), "cannot be judged by any rule", "leave it out")
    for unknown in _beyond(rendered.get("build"), _OF_A_BUILD, extended=False):
        yield UNKNOWN, (("build", unknown), "cannot be judged by any rule", "build from a folder of the project")


def _claim(name: str, rendered: Document, document: Document, key: str, made: Rendered, around: Around) -> Subject:
    """Puts the rendered service in the place of the profile's, without the values that rules judged there already."""
    profile = made.profile
    requested = profile.services.get(key, Service())
    read = read_back.service(rendered, document, requested, placed(COMPOSE.name, around.world.root))
    mounts = tuple(mount for mount in read.mounts if not _requested(mount.source, not mount.read_only, profile, around))
    secrets = {
        inside: requested.secrets[inside]
        if inside in requested.secrets and _requested(secret.file, False, profile, around)
        else secret
        for inside, secret in read.secrets.items()
    }
    known = profile.host.groups.values()
    groups = {group: gid for group, gid in read_back.groups(rendered).items() if gid not in known}
    host = profile.host._replace(groups=groups)
    tree = profile.settings.get(key, NOTHING)
    declared = tree.present(("secrets",))
    # Of all origins only those of the secrets still belong to what is judged here.
    tree = Setting({"secrets": declared} if declared is not None else {}, made.origin)
    service = read._replace(mounts=mounts, secrets=secrets)
    return Subject(profile._replace(host=host), name, service, profile.engines.get(key, _ENGINE), tree)


def _requested(source: str, writable: bool, profile: Profile, around: Around) -> bool:
    """Whether the profile itself has this mount: then the rules judge it there, with its lines and waivers."""
    root = around.world.root
    for service in profile.services.values():
        for mount in service.mounts:
            if placed(mount.source, root) == source and (not writable or not mount.read_only):
                return True
        named = [service.weights.path, *(secret.file for secret in service.secrets.values())]
        if not writable and source in [placed(each, root) for each in named if each]:
            return True
    return False


def _chowns_for_several(rendered: Document) -> bool:
    line = rendered.get("command")
    alone = isinstance(line, list) and len(line) == 1 and _CHOWNS.fullmatch(str(line[0]))
    return rendered.get("entrypoint") == ["sh", "-ec"] and bool(alone)


def _spared(name: str, rendered: Document, profile: Profile) -> set[str]:
    """The rules that one-shot services beside an engine may break, since they end by themselves."""
    full = [profile.compose_name(key) for key in profile.services]
    chowns = rendered.get("entrypoint") == ["chown"] or _chowns_for_several(rendered)
    if (
        chowns
        and rendered.get("network_mode") == "none"
        and rendered.get("cap_add") == ["CHOWN"]
        and name in [f"own-{each}" for each in full]
    ):
        return {"S04", "S06", "S15"}
    beside = any(name == f"fetch-{each}" or name.startswith(f"{each}-bench-") for each in full)
    if rendered.get("restart") == "no" and beside:
        return {"S15"}
    return set()


def _of_file(document: Document) -> Iterator[Breach]:
    """Finds faults in the rest of the file, outside the services."""
    for key in _beyond(document, _TOP):
        yield (key,), "cannot be judged by any rule", "leave it out"
    for top, known in (("networks", {"name"}), ("volumes", {"name"}), ("secrets", {"file"})):
        for name, entry in mapping(document.get(top)).items():
            for key in _beyond(entry, known, extended=False):
                yield (top, str(name), key), "cannot be judged by any rule", "leave it out"
    if any(_VARIABLE.search(text) for text in _texts(document)):
        yield (), "lets a variable of the shell decide what runs", "write the value, or $$ for a dollar"


def _beyond(found: Any, known: Collection[str], *, extended: bool = True) -> list[str]:
    """The keys of a mapping besides the known ones; `extended`: those of extensions are known too."""
    return sorted(str(key) for key in mapping(found) if key not in known and not (extended and str(key)[:2] == "x-"))


def _texts(document: Any) -> Iterator[str]:
    """Yields every text of a document; it visits a node once, even if anchors repeat it or nest it in itself."""
    waiting, seen = [document], set[int]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)) and id(value) not in seen:
            seen.add(id(value))
            waiting += value.values() if isinstance(value, dict) else value
