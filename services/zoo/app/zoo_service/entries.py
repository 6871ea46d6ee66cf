"""The models of the service, as their file names them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_MOST = 1 << 20


@dataclass(frozen=True)
class Entry:
    name: str
    loader: str
    source: str
    category: str | None = None
    revision: str | None = None
    dtype: str | None = None

    def data(self) -> dict[str, Any]:
        return asdict(self)


class BadFile(ValueError):  # noqa: N818  # a message for the reader
    """Reports why the file of models cannot be used."""


def read(path: str) -> dict[str, Entry]:
    try:
        text = Path(path).read_text("utf-8")
        if len(text) > _MOST:
            raise BadFile(f"{path}: larger than {_MOST >> 20} MiB")
        data = json.loads(text)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, BadFile) else BadFile(f"{path}: not JSON: {error}") from error
    if not isinstance(data, dict) or not data:
        raise BadFile(f"{path}: expected models by name, at least one")
    return {name: entry(path, name, fields) for name, fields in data.items()}


def entry(path: str, name: str, fields: Any) -> Entry:
    if not isinstance(fields, dict):
        raise BadFile(f"{path}: {name}: expected loader, source and more by name")
    known = set(Entry.__dataclass_fields__) - {"name"}
    for key, value in fields.items():
        if key not in known:
            raise BadFile(f"{path}: {name}: there is no {key!r}; known: {', '.join(sorted(known))}")
        if value is not None and not isinstance(value, str):
            raise BadFile(f"{path}: {name}.{key}: expected text, not {value!r}")
    missing = [key for key in ("loader", "source") if not fields.get(key)]
    if missing:
        raise BadFile(f"{path}: {name}: {' and '.join(missing)} missing")
    return Entry(name, **fields)
