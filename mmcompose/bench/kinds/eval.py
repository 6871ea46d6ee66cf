"""The results of evals: scores of answers, which are shown like any run and are no values of a profile."""

from __future__ import annotations

from mmcompose.bench.results.record import Record
from mmcompose.bench.run.kind import ClientKind, Edit
from mmcompose.model.failure import Failure


class Eval(ClientKind):
    def edits(self, record: Record, several: bool, *, force: bool = False) -> list[Edit]:  # noqa: ARG002 - none ever
        raise Failure(
            f"{record.folder.name} has scores and no limits of load, so a profile keeps nothing of it: "
            f"`mmcompose bench show {record.folder.name}` shows them, `bench compare` compares them"
        )


KIND = Eval()
