"""Checks the parts of this machine that containers get: secrets, models and mounts, ports, volumes."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.hints import plural
from mmcompose.deploy.doctor.facts import Facts, FileSeen, FolderEntry
from mmcompose.deploy.doctor.finding import Finding, error, note, ok, or_ok, warning
from mmcompose.deploy.doctor.here import local
from mmcompose.deploy.doctor.needs import MountedPath, Need
from mmcompose.model.paths import below

_OTHERS_READ = 0o004


def secrets(facts: Facts) -> Iterator[Finding]:
    wanted = [(need, secret.path) for need in local(facts) for secret in need.secrets]
    found = (
        finding
        for need, path in wanted
        for finding in _secret(need, path, facts.files.get(path, FileSeen("unseen")), facts.docker.moves_users)
    )
    yield from or_ok(found, {path for _, path in wanted}, "secret file", "readable by their engines only")


def _secret(need: Need, path: str, seen: FileSeen, moved: bool) -> Iterator[Finding]:
    whose, own = f"{path} ({need.name})", _own(need, path)
    if seen.kind == "missing":
        yield error(f"{whose} does not exist", f"put the secret there, and nothing else: {own}")
        return
    if seen.kind == "unseen":
        yield note(f"{whose} could not be looked at", f"as root: ls -l {path}")
        return
    yield from unusable(need, path, seen, moved=moved)
    if seen.kind != "file":
        return
    if moved:
        yield note(f"{whose}: Docker maps users (rootless or userns-remap), so its readers could not be judged")
    if seen.mode & _OTHERS_READ:
        yield warning(f"{whose} can be read by everybody on this machine (mode {mode(seen)})", own)
    if seen.tracked:
        fix = f"git rm --cached {path}, add it to .gitignore, and replace the secret: history keeps it"
        yield error(f"{whose} is in git", fix)
    elif seen.ignored is False:
        yield warning(f"{whose} is not ignored by git", f"add /{path} to .gitignore")


def unusable(need: Need, path: str, seen: FileSeen, *, moved: bool) -> Iterator[Finding]:
    """The fault that keeps a container from using a secret. `moved`: Docker maps users, so its reader is unknown."""
    whose = f"{path} ({need.name})"
    if seen.kind != "file":
        what = "is a folder; Docker makes one when a secret is missing" if seen.kind == "folder" else "is not a file"
        yield error(f"{whose} {what}", "remove it, then put the secret there as a file")
        return
    if not seen.size:
        yield warning(f"{whose} is empty", "put the secret there")
    if not moved and not may(need, seen, READ):
        what = f"cannot be read by uid {need.uid} of the container (owner {seen.uid}:{seen.gid}, mode {mode(seen)})"
        yield error(f"{whose} {what}", _own(need, path))


def _own(need: Need, path: str) -> str:
    return f"chmod 400 {path} && sudo chown {need.uid}:{need.gid} {path}"


def mounts(facts: Facts) -> Iterator[Finding]:
    wanted = [(need, source) for need in local(facts) for source in need.sources]
    seen = {source.path: facts.files.get(source.path, FileSeen("unseen")) for _, source in wanted}
    lost = {path for path, file in seen.items() if file.kind == "missing"}
    found = (
        finding
        for need, source in wanted
        # The finding names the folder around it.
        if not any(below(source.path, path) for path in lost - {source.path})
        for finding in _mount(need, source, seen[source.path], facts.docker.moves_users)
    )
    yield from or_ok(found, seen, "model or mounted path", "there and readable")
    if wanted and "name=selinux" in facts.docker.options:
        yield note(
            "SELinux is on: a container may be refused what its user could read", "chcon -Rt container_file_t PATH"
        )


def _mount(need: Need, source: MountedPath, seen: FileSeen, moved: bool) -> Iterator[Finding]:
    whose = f"{source.path} ({need.name}, {source.key})"
    if seen.kind == "missing":
        yield error(
            f"{whose} does not exist",
            f"put it there; mmcompose explain {need.profile} {source.key} shows which setting names it",
        )
        return
    if seen.kind == "unseen":
        yield note(f"{whose} could not be looked at", f"as root: ls -ld {source.path}")
        return
    if moved:
        yield note(f"{whose}: Docker maps users (rootless or userns-remap), so its readers could not be judged")
        return
    rights = _for_reading(seen)
    if not may(need, seen, rights):
        what = f"cannot be read by uid {need.uid} of the container (owner {seen.uid}:{seen.gid}, mode {mode(seen)})"
        yield error(
            f"{whose} {what}", f"chmod -R o+rX {source.path}, or sudo chown -R {need.uid}:{need.gid} {source.path}"
        )
        return
    if not source.read_only and not may(need, seen, rights | WRITE | (ENTER if seen.kind == "folder" else 0)):
        what = f"is mounted for writing, and uid {need.uid} may not (owner {seen.uid}:{seen.gid}, mode {mode(seen)})"
        yield error(f"{whose} {what}", f"sudo chown -R {need.uid}:{need.gid} {source.path}, or read_only: true")
    closed = [entry.path for entry in seen.inside if not entry.leads_out and not may(need, entry, _for_reading(entry))]
    if closed:
        what = f"{plural(len(closed), 'path')} inside cannot be read by uid {need.uid}, such as {closed[0]}"
        yield error(f"{whose}: {what}", f"chmod -R o+rX {source.path}")
    out = [entry.path for entry in seen.inside if entry.leads_out]
    if out:
        what = f"{plural(len(out), 'link')} out of the folder, to what the container lacks, such as {out[0]}"
        yield warning(f"{whose}: {what}", "mount the folder that holds the targets, or copy it with `cp -rL`")


def ports(facts: Facts) -> Iterator[Finding]:
    wanted = [(need, port) for need in local(facts) for port in need.ports]
    numbers = {port for _, port in wanted}
    yield from or_ok(_held(facts, wanted), numbers, "port", "free or held by the profile's own container")


def _held(facts: Facts, wanted: list[tuple[Need, int]]) -> Iterator[Finding]:
    siblings = {f"container {other.container}": other.profile for other in facts.needs}
    for need, port in wanted:
        holder = facts.held.get(port)
        if holder is None or holder == f"container {need.container}":
            continue
        if holder in siblings:
            yield note(f"port {port} of {need.name} is held by {siblings[holder]}, a profile of this project")
        else:
            fix = f"stop it, or ports: in profiles/{need.profile}.yaml; ss -ltnp 'sport = :{port}' shows who listens"
            yield error(f"port {port} of {need.name} is taken by {holder}", fix)


def volumes(facts: Facts) -> Iterator[Finding]:
    """Checks who owns the caches of engines that are not root: a one-shot container changes the owner at every
    start."""
    wanted = [(need, name) for need in local(facts) for name in need.volumes if name in facts.volumes]
    unknown = [name for _, name in wanted if facts.volumes[name] is None]
    if unknown:
        yield note(
            f"the owner of {plural(len(unknown), 'volume')} is unknown: only root may look", "sudo mmcompose doctor"
        )
    other = [(need, name) for need, name in wanted if facts.volumes[name] not in (None, need.uid)]
    for need, name in other:
        what = f"volume {name} belongs to uid {facts.volumes[name]}, {need.name} runs as {need.uid}"
        if need.uid:
            yield note(f"{what}: the next start changes its owner")
        elif not need.overrides_permissions:
            yield warning(what, f"docker volume rm {name} loses the cache, chown keeps it")
    if wanted and not unknown and not other:
        yield ok(f"{plural(len(wanted), 'volume')} owned by their engines")


READ, WRITE, ENTER = 4, 2, 1


def may(need: Need, thing: FileSeen | FolderEntry, rights: int) -> bool:
    """Whether the one triple that counts allows it: the owner's, else the group's, else the others'."""
    if need.overrides_permissions:
        return True
    if thing.uid == need.uid:
        granted = thing.mode >> 6
    elif thing.gid == need.gid or thing.gid in need.groups:
        granted = thing.mode >> 3
    else:
        granted = thing.mode
    return granted & rights == rights


def _for_reading(thing: FileSeen | FolderEntry) -> int:
    folder = thing.folder if isinstance(thing, FolderEntry) else thing.kind == "folder"
    return READ | ENTER if folder else READ


def mode(thing: FileSeen | FolderEntry) -> str:
    return f"{thing.mode & 0o7777:o}"
