"""Writes the run folder. result.json is replaced whole, from the first second on, so a reader never meets half a
file."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .sample import Sample
from .texts import as_json
from .window import per_second

RUNNING, COMPLETE, ABORTED = "running", "complete", "aborted"
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

POINT_COLUMNS: dict[str, tuple[str, ...]] = {
    "point": ("name",),
    "mode": ("load", "mode"),
    "concurrency": ("load", "concurrency"),
    "rate": ("load", "rate"),
    "sent": ("requests", "sent"),
    "ok": ("requests", "ok"),
    "failed": ("requests", "failed"),
    "cancelled": ("requests", "cancelled"),
    "error_share": ("error_share",),
    "window_s": ("window", "duration_s"),
    "in_flight_mean": ("window", "in_flight_mean"),
    "req_s": ("req_s",),
    "output_tok_s": ("output_tok_s",),
    "input_tok_s": ("input_tok_s",),
    **{
        f"{name}_{figure}_ms": (f"{name}_ms", figure)
        for name in ("ttft", "itl", "tpot", "e2e", "queue")
        for figure in ("p50", "p90", "p99")
    },
    "goodput_req_s": ("goodput", "req_s"),
    "goodput_share": ("goodput", "share"),
    "similarity_mean": ("score", "similarity_mean"),
    "exact_share": ("score", "exact_share"),
    "client_cpu_share": ("client", "cpu_share"),
    "wall_s": ("shared", "wall_s"),
    "prompt_tokens": ("shared", "prompt_tokens"),
    "generated_tokens": ("shared", "generated_tokens"),
    "generation_tok_per_s": ("shared", "generation_tok_per_s"),
}


class FolderError(OSError):
    """Reports that the results cannot be written."""


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def run_folder(parent: Path, kind: str, subject: str) -> Path:
    """<parent>/<kind>/<utc>-<subject>-<id>"""
    slug = re.sub(r"[^a-z0-9]+", "-", subject.lower()).strip("-")[:40] or "run"
    return parent / kind / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{slug}-{secrets.token_hex(3)}"


def replace_whole(path: Path, text: str) -> None:
    waiting = path.with_name(f".{path.name}.new")
    try:
        with waiting.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
    except OSError:
        waiting.unlink(missing_ok=True)
        raise


class RunFolder:
    """result.json, requests.jsonl, points.csv and series.csv of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self.requests.write_text("", encoding="utf-8")
            (path / "series.csv").write_text("point,t,in_flight,ended,failed,tokens\n", encoding="utf-8")
        except OSError as error:
            if error.errno in DISK_FULL:
                raise
            uid = os.getuid() if hasattr(os, "getuid") else "?"
            raise FolderError(
                f"cannot write results to {path}: {error.strerror}. This process runs as user {uid}: "
                "the folder must belong to that user, or run the container with `user:` set to the folder's owner"
            ) from None

    def say_aborted(self) -> None:
        """Marks a result as aborted on a full disk: both texts are equally long, so one replaces the other."""
        before, after = (f'"status": "{status}"'.encode() for status in (RUNNING, ABORTED))
        with (self.path / "result.json").open("r+b") as file:
            at = file.read().find(before)
            if at >= 0:
                file.seek(at)
                file.write(after)

    def keep_trace(self, text: str) -> None:
        """Keeps a trace, for developers of this client."""
        (self.path / "traceback.txt").write_text(text, encoding="utf-8", errors="replace")

    def write(self, result: dict[str, Any]) -> None:
        replace_whole(self.path / "result.json", as_json(result, indent=1) + "\n")
        replace_whole(self.path / "points.csv", points_csv(result["points"]))

    @property
    def requests(self) -> Path:
        """The file for each request that has ended."""
        return self.path / "requests.jsonl"

    def write_samples(self, lines: Sequence[dict[str, Any]]) -> None:
        """Writes a line for each question of an eval: its answer, how it ended, and how it was judged."""
        replace_whole(self.path / "samples.jsonl", "".join(as_json(line) + "\n" for line in lines))

    def back_to(self, size: int) -> None:
        """Forgets the requests of a level that is measured again."""
        os.truncate(self.requests, size)

    def add_series(self, point: str, samples: Sequence[Sample], zero_ns: int) -> None:
        with (self.path / "series.csv").open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for row in per_second(samples, zero_ns):
                writer.writerow([point, *(round(value, 3) for value in row.values())])


def points_csv(points: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*POINT_COLUMNS, "errors", "validity"])
    for point in points:
        cells = [inside(point, path) for path in POINT_COLUMNS.values()]
        errors = ";".join(f"{name}={count}" for name, count in sorted(point["errors"].items()))
        writer.writerow([*cells, errors, ";".join(each["id"] for each in point["validity"])])
    return text.getvalue()


def inside(point: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = point
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None else value
