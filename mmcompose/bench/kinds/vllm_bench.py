"""The kind `vllm-bench`: `vllm bench serve`, which writes no result of ours.

A run's folder is begun before its container, and filled from the program's own file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mmcompose.bench.kinds import vllm_import
from mmcompose.bench.results import metrics
from mmcompose.bench.results.record import MINOR, REQUESTS, RESULT, SCHEMA, UnreadableError, read
from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.folders import make
from mmcompose.bench.run.launch import Ended
from mmcompose.bench.run.program import Program
from mmcompose.bench.whole_files import replace
from mmcompose.files.reading import content

_BLOCKS = ("target", "host", "gpus", "project")
_LOAD = {
    "random_input_len": "input_tokens",
    "random_output_len": "output_tokens",
    "ignore_eos": "ignore_eos",
    "burstiness": "burstiness",
    "seed": "seed",
    "temperature": "temperature",
}
"""The options of its load, and our names for them."""


class VllmBench(Program):
    tool = "vllm bench serve"

    def begin(self, run: Run, known: Mapping[str, Any], context: str, arguments: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Writes a result in state `running`, so that a killed run is not mistaken for a finished one."""
        make(run.folder)
        state = {"id": run.folder.name, "started": _stamp(datetime.now(UTC)), "status": "running"}
        result: dict[str, Any] = {
            "schema": SCHEMA,
            "schema_minor": MINOR,
            "kind": run.folder.parent.name,
            "run": {**state, **known.get("run", {}), "command": [str(argument) for argument in arguments]},
            **{block: known.get(block) for block in _BLOCKS},
            "points": [],
        }
        result["target"] = {"base_url": "", **(known.get("target") or {})}
        replace(run.folder / RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        return ("--result-filename", f"{run.token}.json")

    def end(self, run: Run, ended: Ended, preset: Mapping[str, Any]) -> int:
        """Imports the result. The exit code is its own, or 4 if requests failed, which its own does not show."""
        result = dict(read(run.folder).result)
        state = {**result["run"], "finished": _stamp(datetime.now(UTC))}
        load = {ours: preset[theirs] for theirs, ours in _LOAD.items() if theirs in preset}
        code, lines = ended.code, list[dict[str, Any]]()
        try:
            raw = json.loads(content(run.folder.parent / "raw" / f"{run.token}.json"))
            made, lines = vllm_import.imported(raw, load, state)
            result |= {name: made[name] for name in ("load", "points", "verdict")}
            state |= {"status": "complete", "exit_reason": "; ".join(made["verdict"]["reasons"]) or None}
            code = code or (0 if made["verdict"]["ok"] else 4)
        except (OSError, ValueError, RecursionError, UnreadableError) as error:
            last = next((line for line in reversed(ended.last_lines) if line.strip()), "")
            why = "interrupted" if ended.code == 130 else f"no result was written: {last or error}"
            state |= {"status": "aborted", "exit_reason": why[:500]}
            code = code or 4
        result["run"] = state | {"exit_code": code}
        replace(run.folder / RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        replace(run.folder / REQUESTS, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        replace(run.folder / "points.csv", points_csv(result["points"]))
        return code


KIND = VllmBench()


def points_csv(points: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    heads, rows = metrics.table(list(points))
    csv.writer(text, lineterminator="\n").writerows([heads, *rows])
    return text.getvalue()


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
