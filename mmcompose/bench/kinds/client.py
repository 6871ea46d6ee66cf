"""The kinds of our own client, which writes its result itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.launch import Ended
from mmcompose.bench.run.program import Program


class OwnClient(Program):
    tool = "mmbench"

    def begin(self, run: Run, known: Mapping[str, Any], context: str, arguments: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        label = known["run"].get("label")
        return (
            *("--run-dir", run.inside),
            *(("--label", label) if label else ()),
            *("--context", context, "--progress", "json"),
        )

    def end(self, run: Run, ended: Ended, preset: Mapping[str, Any]) -> int:  # noqa: ARG002
        return run.ended(ended)


KIND = OwnClient()
