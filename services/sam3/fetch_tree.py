"""Fetch an archive of a git commit, and unpack it only when it holds the very files of that commit.

    python fetch_tree.py URL TREE FOLDER

TREE is what `git rev-parse COMMIT^{tree}` says. A hash of the archive itself would not do: it is packed anew each time.
"""

from __future__ import annotations

import hashlib
import io
import ssl
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Union

Tree = dict[str, Union[tuple[bytes, bytes], "Tree"]]
"""Name → mode and hash of a file, or a folder."""

CERTIFICATES = Path("/run/secrets/ca")


class TreeError(Exception):
    """Reports why nothing was unpacked, in one sentence."""


def main(url: str, tree: str, folder: str) -> int:
    trusted = ssl.create_default_context(cafile=str(CERTIFICATES) if CERTIFICATES.exists() else None)
    try:
        with urllib.request.urlopen(url, timeout=120, context=trusted) as answer:  # noqa: S310 - the Dockerfile names it
            unpack(answer.read(), tree, Path(folder))
    except (TreeError, OSError, tarfile.TarError) as error:
        print(f"{url}: {error}", file=sys.stderr)
        return 1
    return 0


def unpack(packed: bytes, tree: str, folder: Path) -> None:
    """The archive's one top folder becomes `folder`."""
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        found = identity(archive)
        if found != tree:
            raise TreeError(f"holds other files than the commit: tree {found} instead of {tree}")
        for member in archive.getmembers():
            member.name = inside(member.name)
            if member.name:
                archive.extract(member, folder, filter="data")


def inside(name: str) -> str:
    return name.partition("/")[2]


def identity(archive: tarfile.TarFile) -> str:
    """The name that git would give to the tree of these files."""
    top: Tree = {}
    for member in archive.getmembers():
        path = inside(member.name).rstrip("/")
        if member.isdir() or not path:
            continue
        here, *below = reversed(path.split("/"))
        folder = top
        for name in reversed(below):
            step = folder.setdefault(name, {})
            if not isinstance(step, dict):
                raise TreeError(f"{path}: a file stands where a folder belongs")
            folder = step
        folder[here] = entry(archive, member)
    return named(top).hex()


def entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[bytes, bytes]:
    if member.issym():
        return b"120000", blob(member.linkname.encode())
    content = archive.extractfile(member)
    if content is None:
        raise TreeError(f"{member.name}: neither a file nor a link")
    return (b"100755" if member.mode & 0o100 else b"100644"), blob(content.read())


def blob(data: bytes) -> bytes:
    return git_hash(b"blob", data)


def named(tree: Tree) -> bytes:
    lines = []
    for name, found in tree.items():
        mode, digest = (b"40000", named(found)) if isinstance(found, dict) else found
        # Git sorts a folder as if its name ended in a slash.
        place = name.encode() + (b"/" if mode == b"40000" else b"")
        lines.append((place, mode + b" " + name.encode() + b"\0" + digest))
    return git_hash(b"tree", b"".join(line for _, line in sorted(lines)))


def git_hash(kind: bytes, data: bytes) -> bytes:
    return hashlib.sha1(b"%s %d\0%s" % (kind, len(data), data), usedforsecurity=False).digest()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
