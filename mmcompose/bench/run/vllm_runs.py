"""The run folder of `vllm bench serve`, which writes none of our kind: begun first, filled when it has ended."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.bench.results import metrics
from mmcompose.bench.results.record import MINOR, REQUESTS, RESULT, SCHEMA, UnreadableError, read
from mmcompose.bench.run import vllm_import
from mmcompose.bench.run.folders import make
from mmcompose.bench.whole_files import replace
from mmcompose.files.reading import content

if TYPE_CHECKING:
    from mmcompose.bench.run.launch import Ended

_BLOCKS = ("target", "host", "gpus", "project")


def begin(folder: Path, subject: str, known: Mapping[str, Any], arguments: Sequence[str]) -> None:
    """Writes a result in state `running`, so that nobody takes a killed run for one that ended."""
    make(folder)
    run = {"id": folder.name, "label": subject, "started": _stamp(datetime.now(UTC)), "status": "running"}
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "schema_minor": MINOR,
        "kind": "vllm-bench",
        "run": {**run, **known.get("run", {}), "command": [str(argument) for argument in arguments]},
        **{block: known.get(block) for block in _BLOCKS},
        "points": [],
    }
    result["target"] = {"base_url": "", **(known.get("target") or {})}
    replace(folder / RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def end(folder: Path, raw: Path, ended: Ended, load: Mapping[str, Any]) -> int:
    """Imports the result. The exit code is its own, or 4 where requests failed, which its own does not show."""
    result = dict(read(folder).result)
    run = {**result["run"], "finished": _stamp(datetime.now(UTC))}
    code, lines = ended.code, list[dict[str, Any]]()
    try:
        made, lines = vllm_import.imported(json.loads(content(raw)), load, run)
        result |= {name: made[name] for name in ("load", "points", "verdict")}
        run |= {"status": "complete", "exit_reason": "; ".join(made["verdict"]["reasons"]) or None}
        code = code or (0 if made["verdict"]["ok"] else 4)
    except (OSError, ValueError, RecursionError, UnreadableError) as error:
        last = next((line for line in reversed(ended.last_lines) if line.strip()), "")
        why = "interrupted" if ended.code == 130 else f"no result was written: {last or error}"
        run |= {"status": "aborted", "exit_reason": why[:500]}
        code = code or 4
    result["run"] = run | {"exit_code": code}
    replace(folder / RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    replace(folder / REQUESTS, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    replace(folder / "points.csv", points_csv(result["points"]))
    return code


def points_csv(points: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    heads, rows = metrics.table(list(points))
    csv.writer(text, lineterminator="\n").writerows([heads, *rows])
    return text.getvalue()


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
