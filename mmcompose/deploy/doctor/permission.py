"""Decides whether the user of a container may read or write a file, as the kernel does: from owner, group and mode."""

from __future__ import annotations

from mmcompose.deploy.doctor.facts import FileSeen, FolderEntry
from mmcompose.deploy.doctor.needs import Need

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


def for_reading(thing: FileSeen | FolderEntry) -> int:
    folder = thing.folder if isinstance(thing, FolderEntry) else thing.kind == "folder"
    return READ | ENTER if folder else READ


def mode(thing: FileSeen | FolderEntry) -> str:
    return f"{thing.mode & 0o7777:o}"
