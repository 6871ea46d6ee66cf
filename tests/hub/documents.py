"""The documents by which the double tells of a repository, with the lies that a test asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.hub.faults import Faults
from tests.hub.repository import Content, Repository


def info(repository: Repository, commit: str, siblings: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": repository.name,
        "modelId": repository.name,
        "sha": commit,
        "private": repository.private,
        "gated": "auto" if repository.gated else False,
        "cardData": {"license": repository.licence},
        "tags": [],
        "downloads": 0,
        "siblings": siblings,
    }


def siblings(contents: Mapping[str, Content], faults: Faults, details: bool) -> list[dict[str, Any]]:
    """The files; their sizes and hashes only on request."""
    listed = []
    for path, content in contents.items():
        entry: dict[str, Any] = {"rfilename": faults.rename.get(path, path)}
        if details:
            size = faults.size_of.get(path, content.size)
            entry |= {"size": size, "blobId": content.git}
            if content.large:
                entry["lfs"] = {"sha256": faults.hash_of.get(path, content.sha256), "size": size, "pointerSize": 134}
            elif path in faults.hash_of:
                entry["blobId"] = faults.hash_of[path]
        listed.append(entry)
    return listed


def tree(contents: Mapping[str, Content], faults: Faults) -> list[dict[str, Any]]:
    """The files as the hub's tree lists them."""
    listed = []
    for entry in siblings(contents, faults, details=True):
        document = {"type": "file", "path": entry["rfilename"], "size": entry["size"], "oid": entry["blobId"]}
        if lfs := entry.get("lfs"):
            document["lfs"] = {"oid": lfs["sha256"], "size": lfs["size"], "pointerSize": lfs["pointerSize"]}
        listed.append(document)
    return listed
