"""Reads one run from the disk: its result, and its requests. Newer minor versions are read too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from mmcompose.bench.reading import parsed
from mmcompose.files.reading import opened
from mmcompose.model.failure import Failure

SCHEMA = "mmcompose.bench/1"
MINOR = 2
RESULT, REQUESTS, SERIES = "result.json", "requests.jsonl", "series.csv"
_LARGEST = 256 << 20


class UnreadableError(Failure):
    """Reports a folder without a readable run."""

    code = 2


@dataclass(frozen=True, slots=True)
class Record:
    """One run. `result` follows the schema; unknown keys are kept."""

    folder: Path
    result: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=())

    @property
    def kind(self) -> str:
        return str(self.result["kind"])

    @property
    def points(self) -> list[Mapping[str, Any]]:
        return list(self.result["points"])

    @property
    def status(self) -> str:
        return str(at(self.result, "run", "status") or "unknown")

    @property
    def name(self) -> str:
        """The name for people: the profile, or the measured address."""
        return str(at(self.result, "target", "profile") or at(self.result, "target", "base_url") or self.folder.name)

    def requests(self) -> Iterator[Mapping[str, Any]]:
        """The measured requests; a last line that a kill cut off is ignored."""
        try:
            with TextIOWrapper(opened(self.folder / REQUESTS), "utf-8") as lines:
                for line in lines:
                    try:
                        read = parsed(line)
                    except (ValueError, RecursionError):
                        continue
                    if isinstance(read, dict) and read.get("phase", "measured") == "measured":
                        yield read
        except (OSError, UnicodeDecodeError):
            return


def at(value: Any, *path: str) -> Any:
    """The value at a path; None if any part of the way is missing or of another type."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def number(value: Any, *path: str) -> float | None:
    found = at(value, *path)
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def read(place: Path) -> Record:
    """A run's folder, or its result.json."""
    folder = place.parent if place.name == RESULT else place
    path = folder / RESULT
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableError(f"{path}: larger than {_LARGEST >> 20} MiB, which no result is")
        with opened(path) as file:
            data = parsed(file.read().decode("utf-8"))
    except FileNotFoundError:
        raise UnreadableError(f"{folder}: there is no run here (no {RESULT})") from None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path}: not JSON ({error})") from error
    return Record(folder, data, tuple(_understood(path, data)))


def _understood(path: Path, data: Any) -> Iterator[str]:
    """Remarks about the format for the reader; raises if nothing can be read."""
    if not isinstance(data, dict) or not isinstance(data.get("schema"), str):
        raise UnreadableError(f"{path}: not a result of a benchmark (it has no schema)")
    name, _, major = data["schema"].partition("/")
    if name != SCHEMA.partition("/")[0]:
        raise UnreadableError(f"{path}: {data['schema']!r} is not a result of a benchmark")
    if data["schema"] != SCHEMA:
        raise UnreadableError(f"{path}: format {major}, and this mmcompose reads format {SCHEMA.partition('/')[2]}")
    wrong = [*_misshaped(data, _SHAPE), *_misshaped(data, _MORE, type(None))]
    wrong = wrong or [name for name, right in _DEEPER.items() if not right(data)]
    if wrong:
        raise UnreadableError(f"{path}: {', '.join(wrong)} is missing or of the wrong shape")
    minor = data.get("schema_minor", 0)
    if isinstance(minor, int) and minor > MINOR:
        yield f"written by a newer version (minor {minor}); what is new in it is not shown"


_SHAPE = {"kind": str, "run": dict, "target": dict, "points": list}
_MORE = {"gpus": list, "checks": list, "verdict": dict, "diagnosis": dict, "load": dict}
_OF_A_POINT = {"load": dict, "requests": dict, "errors": dict, "validity": list}
_OF_A_CHECK = {"name": str, "ok": bool, "detail": str}
"""The types of values: of the file and of a check all are there, of the others some."""


def _misshaped(value: Mapping[str, Any], kinds: Mapping[str, type], *other: type) -> list[str]:
    """The keys whose values have another type."""
    return [key for key, kind in kinds.items() if not isinstance(value.get(key), (kind, *other))]


def _has(value: Any, kinds: Mapping[str, type]) -> bool:
    return isinstance(value, dict) and not _misshaped(value, kinds)


def _is_point(point: Any) -> bool:
    shaped = _has(point, {"name": str}) and not _misshaped(point, _OF_A_POINT, type(None))
    return shaped and all(_has(flag, {"id": str}) for flag in point.get("validity") or ())


def _has_reasons(data: Mapping[str, Any]) -> bool:
    reasons = at(data, "verdict", "reasons")
    return reasons is None or (isinstance(reasons, list) and all(isinstance(each, str) for each in reasons))


_DEEPER: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "points": lambda data: all(map(_is_point, data["points"])),
    "checks": lambda data: all(_has(check, _OF_A_CHECK) for check in data.get("checks") or ()),
    "verdict.reasons": _has_reasons,
}


def below(folder: Path) -> list[Record]:
    """All runs in a folder of results, the oldest first; unreadable ones are left out."""
    found = []
    for path in sorted(folder.glob(f"**/{RESULT}")):
        try:
            found.append(read(path))
        except UnreadableError:
            continue
    return sorted(found, key=lambda one: str(at(one.result, "run", "started") or ""))
