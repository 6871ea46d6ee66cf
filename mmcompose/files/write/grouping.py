"""Shortens a list of changes for readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmcompose.files.write.artifacts import FileChange
from mmcompose.model.targets import BUILD


def grouped(changes: Iterable[FileChange]) -> Iterator[tuple[str, FileChange]]:
    """A name for each change; files of one build folder with the same change become one."""
    alike: dict[tuple[str, str], list[FileChange]] = {}
    for change in changes:
        parts = change.path.split("/")
        place = "/".join(parts[:3]) + "/" if parts[1:2] == [BUILD] else change.path
        alike.setdefault((place, change.cause), []).append(change)
    for (place, _), group in alike.items():
        yield (group[0].path if len(group) == 1 else f"{place} ({len(group)} files)"), group[0]
