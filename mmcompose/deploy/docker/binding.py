"""Mounts paths of this machine into a container."""

from __future__ import annotations

import csv
import io
from pathlib import Path


def bind(source: Path, inside: str, *, read_only: bool = False) -> tuple[str, ...]:
    """Arguments for `docker run`. Unlike `--volume`, they accept a path with a colon and make no missing folder."""
    text = io.StringIO()
    fields = ["type=bind", f"source={source.resolve()}", f"target={inside}"]
    csv.writer(text, lineterminator="").writerow([*fields, *(["readonly"] if read_only else [])])
    return ("--mount", text.getvalue())
