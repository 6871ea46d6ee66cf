"""Writes the folder of one run of `vram`: its result is whole at every moment, in state `running` until the end."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mmcompose import __version__
from mmcompose.bench.report import vram as report
from mmcompose.bench.report.vram import Measured, Report
from mmcompose.bench.report.vram_advice import advice
from mmcompose.bench.results.memory_curve import DEFINITIONS
from mmcompose.bench.results.record import SERIES
from mmcompose.bench.results.writing import begun, stamp, write
from mmcompose.bench.run.folders import make as make_folder
from mmcompose.bench.run.folders import name_of
from mmcompose.bench.vram.sampling import Sampler
from mmcompose.bench.whole_files import replace
from mmcompose.deploy import process

KIND = "vram"
REPORT, LOG = "report.md", "engine.log"


@dataclass
class RunFolder:
    """The folder. `known` are the blocks about the place: target, host, gpus, project. `reading` names the source of
    the memory figures."""

    path: Path
    profile: str
    started: datetime
    known: dict[str, Any]
    reading: Mapping[str, Any]
    repeat: str = ""
    rows: list[list[Any]] = field(default_factory=list)

    def series(self, name: str, sampler: Sampler, containers: set[str]) -> None:
        """The samples; seconds count from the first look at each model."""
        samples = sampler.samples(containers)
        for one in samples:
            self.rows.append([name, round(one.at - samples[0].at, 3), one.used_mib, one.containers_mib])

    def write(self, found: Report, status: str = "running", reason: str | None = None, code: int | None = None) -> None:
        write(self.path, self._result(found, status, reason, code))

    def end(self, found: Report, log: Mapping[str, Sequence[str]], status: str, reason: str | None, code: int) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([["model", "s", "used_mib", "containers_mib"], *self.rows])
        replace(self.path / SERIES, text.getvalue())
        lines = [
            f"{service} | {line}" if len(log) > 1 else line for service, printed in log.items() for line in printed
        ]
        if lines:
            replace(self.path / LOG, "\n".join(lines) + "\n")
        replace(self.path / REPORT, report.page(found, advice(found)))
        self.write(found, status, reason, code)

    def _result(self, found: Report, status: str, reason: str | None, code: int | None) -> dict[str, Any]:
        failed = [f"{one.name}: {report.shortened(one.error)}" for one in found.results if not one.ok]
        run = {
            "id": self.path.name,
            "label": self.profile,
            "started": stamp(self.started),
            "finished": None if status == "running" else stamp(),
            "status": status,
            "exit_reason": reason,
            "exit_code": code,
            "repeat_with": self.repeat,
            "process": process.mine(),
            "tool": {"name": "mmcompose", "version": __version__},
        }
        known = {**self.known, "target": {"profile": self.profile, **(self.known.get("target") or {})}}
        return begun(KIND, run, known) | {
            "vram": {**report.data(found), **self.reading, "definitions": DEFINITIONS},
            "verdict": None if status == "running" else {"ok": not failed, "reasons": failed},
        }


def make(results: Path, profile: str, known: dict[str, Any], reading: Mapping[str, Any], repeat: str) -> RunFolder:
    now = datetime.now(UTC)
    path = results / KIND / name_of(now, profile, secrets.token_hex(4))
    make_folder(path)
    return RunFolder(path, profile, now, known, reading, repeat)


def of(results: Sequence[Measured], total: float | None, started: datetime, **more: Any) -> Report:
    """The report of all measurements so far; the first readable baseline is that of the machine."""
    baselines = (one.more.get("baseline_mib") for one in results)
    baseline = next((value for value in baselines if value is not None), None)
    return report.Report(started.isoformat(timespec="seconds"), total, baseline, tuple(results), **more)
