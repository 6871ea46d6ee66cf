"""The locks of models: the commit of each, and the size and hash of every file, for people to review.

A lock lies beside the model's own file, as `profiles/models/<model>.lock.yaml`. A render neither reads nor writes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmcompose.core.read.load import load
from mmcompose.files import private, whole
from mmcompose.files.fence import Fence
from mmcompose.files.reading import content
from mmcompose.model.failure import Failure
from mmcompose.model.paths import MODEL_LOCK

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEAD = """\
# The files of {name} at one commit, as the hub named them. Review what changes here; `mmcompose models lock` writes it,
# and `mmcompose models fetch` and `verify` hold every file against it.
"""


def path_of(model: str) -> str:
    return f"profiles/models/{model}{MODEL_LOCK}"


def text(found: Mapping[str, Any]) -> str:
    """The text of a lock, made from the answer of the hub."""
    lines = [_HEAD.format(name=found["repository"]).rstrip("\n")]
    lines += [f"{key}: {_quoted(found[key])}" for key in ("repository", "revision", "commit") if key in found]
    lines.append("files:" if found["files"] else "files: {}")
    for path, entry in sorted(found["files"].items()):
        lines.append(f"  {_quoted(path)}: {{size: {entry['size']}, sha256: {entry['sha256']}}}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """As YAML reads it: JSON alone would write a rare character as two halves."""
    return json.dumps(text, ensure_ascii=False)


def hashes(root: Path, model: str) -> Path | None:
    """The lock of a model as the program that fetches reads it; None if the model has none. Raises OSError, Failure."""
    path = path_of(model)
    if not model or not (root / path).exists():
        return None
    Fence(root).guard(path)
    tree, problems = load("model", path, content(root / path))
    if problems or tree is None:
        raise Failure(f"{problems[0] if problems else path}", 2)
    document = _checked(path, tree.plain())
    return private.write(root, f"locks/{model}.json", json.dumps(document))


def _checked(path: str, document: Any) -> dict[str, Any]:
    files = document.get("files") if isinstance(document, dict) else None
    commit = document.get("commit") if isinstance(document, dict) else None
    if not isinstance(files, dict) or not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise Failure(f"{path} must have a commit and files: mmcompose models lock writes it", 2)
    for name, entry in files.items():
        fine = isinstance(entry, dict) and type(entry.get("size")) is int and entry["size"] >= 0
        if not fine or not _SHA256.fullmatch(str(entry.get("sha256"))):
            raise Failure(f"{path}: files.{name} must have a size and a sha256", 2)
    return {"commit": commit, "files": files}


def write(root: Path, model: str, found: Mapping[str, Any]) -> bool:
    """Writes the lock of a model whole; tells whether it has changed. Raises OSError."""
    place, made = root / path_of(model), text(found)
    Fence(root).guard(path_of(model))
    if place.is_file() and content(place) == made.encode():
        return False
    whole.write(place, made)
    return True
