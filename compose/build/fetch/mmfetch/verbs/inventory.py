"""`mmfetch list`: everything that lies in the store, with sizes, as JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mmfetch.report import Report
from mmfetch.store import stamps
from mmfetch.store.layout import NOTES, Store
from mmfetch.store.space import free_bytes

_KINDS = ("model", "dataset")


def run(store: Store, report: Report) -> None:
    """Prints what is there; asks nobody."""
    notes = [{**stamp, "key": path.stem} for path, stamp in stamps.every(store)]
    seen: set[tuple[int, int]] = set()
    repositories = [
        _repository(folder, kind, notes, seen)
        for kind in _KINDS
        for folder in sorted(store.root.glob(f"{kind}s--*"))
        if folder.is_dir() and not folder.is_symlink()
    ]
    report.result({
        "repositories": repositories,
        "urls": [
            {"sha256": path.parent.name, "name": path.name, "bytes": path.stat().st_size}
            for path in sorted((store.root / "files" / "url").glob("*/*"))
        ],
        # What has a second name in a repository is counted there.
        "files": _bytes(store.root / "files", seen),
        "openvino": [
            {"name": folder.relative_to(store.root / "openvino").as_posix(), "bytes": _bytes(folder, seen)}
            for folder in sorted((store.root / "openvino").glob("*/"))
        ],
        "partial": _bytes(store.root / NOTES / "partial", seen),
        "free": free_bytes(store.root),
    })  # fmt: skip


def _repository(folder: Path, kind: str, notes: list[dict[str, Any]], seen: set[tuple[int, int]]) -> dict[str, Any]:
    name = folder.name.removeprefix(f"{kind}s--").replace("--", "/")
    own = [note for note in notes if (note["request"]["repository"], note["request"]["type"]) == (name, kind)]
    refs = folder / "refs"
    named = [path for path in sorted(refs.rglob("*")) if path.is_file()]
    return {
        "repository": name,
        "type": kind,
        "bytes": _bytes(folder, seen),
        "commits": sorted(entry.name for entry in (folder / "snapshots").glob("*")),
        "refs": {path.relative_to(refs).as_posix(): path.read_text().strip() for path in named},
        "fetched": [
            {
                **{key: note["request"][key] for key in ("revision", "include", "exclude", "plain")},
                "commit": note["commit"],
                "files": len(note["files"]),
                "bytes": sum({file["blob"]: file["size"] for file in note["files"]}.values()),
                "made": note["made"],
            }
            for note in own
        ],
    }  # fmt: skip


def _bytes(folder: Path, seen: set[tuple[int, int]]) -> int:
    """The bytes below a folder; a file with several names is counted once."""
    count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            found = os.lstat(os.path.join(place, name))
            if (found.st_dev, found.st_ino) not in seen and os.path.isfile(os.path.join(place, name)):
                seen.add((found.st_dev, found.st_ino))
                count += 0 if os.path.islink(os.path.join(place, name)) else found.st_size
    return count
