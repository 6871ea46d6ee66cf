"""The kind `vllm-bench`: `vllm bench serve`, which writes no result of ours.

A run's folder is begun before its container, and filled from the program's own file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from mmcompose.bench.kinds import vllm_import
from mmcompose.bench.results import metrics
from mmcompose.bench.results.record import REQUESTS, UnreadableError, read
from mmcompose.bench.results.writing import begun, stamp, write
from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.folders import make
from mmcompose.bench.run.kind import ClientKind
from mmcompose.bench.run.launch import Ended
from mmcompose.bench.whole_files import replace
from mmcompose.files.reading import content

_LOAD = {
    "random_input_len": "input_tokens",
    "random_output_len": "output_tokens",
    "ignore_eos": "ignore_eos",
    "burstiness": "burstiness",
    "seed": "seed",
    "temperature": "temperature",
}
"""The options of its load, and our names for them."""


class VllmBench(ClientKind):
    tool = "vllm bench serve"

    def begin(self, run: Run, known: Mapping[str, Any], context: str, arguments: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Writes a result in state `running`, so that a killed run is not mistaken for a finished one."""
        make(run.folder)
        state = {"id": run.folder.name, "started": stamp(), "status": "running", **known.get("run", {})}
        state |= {"command": [str(argument) for argument in arguments]}
        write(run.folder, begun(run.folder.parent.name, state, known))
        return ("--result-filename", f"{run.token}.json")

    def end(self, run: Run, ended: Ended, preset: Mapping[str, Any]) -> int:
        """Imports the result. The exit code is its own, or 4 if requests failed, which its own does not show."""
        result = dict(read(run.folder).result)
        state = {**result["run"], "finished": stamp()}
        load = {ours: preset[theirs] for theirs, ours in _LOAD.items() if theirs in preset}
        code, lines = ended.code, list[dict[str, Any]]()
        try:
            raw = json.loads(content(run.folder.parent / "raw" / f"{run.token}.json"))
            point, lines = vllm_import.imported(raw, load)
            verdict = vllm_import.verdict(point)
            result |= {"load": point["load"], "points": [point], "verdict": verdict}
            state |= {"status": "complete", "exit_reason": "; ".join(verdict["reasons"]) or None}
            code = code or (0 if verdict["ok"] else 4)
        except (OSError, ValueError, RecursionError, UnreadableError) as error:
            last = next((line for line in reversed(ended.last_lines) if line.strip()), "")
            why = "interrupted" if ended.code == 130 else f"no result was written: {last or error}"
            state |= {"status": "aborted", "exit_reason": why[:500]}
            code = code or 4
        result["run"] = state | {"exit_code": code}
        write(run.folder, result)
        replace(run.folder / REQUESTS, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        replace(run.folder / "points.csv", points_csv(result["points"]))
        return code


KIND = VllmBench()


def points_csv(points: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    heads, rows = metrics.table(list(points))
    csv.writer(text, lineterminator="\n").writerows([heads, *rows])
    return text.getvalue()
