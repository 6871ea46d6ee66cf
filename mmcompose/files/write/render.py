"""Renders without printing: the short cut, the compilation, the plan, the writing.

Only a writing render may take the short cut. A command that judges a commit compares it with a fresh render.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from mmcompose.files.gather import lock as locks
from mmcompose.files.gather.lock import Lock
from mmcompose.files.gather.project import Inputs, gather
from mmcompose.files.write import artifacts as write
from mmcompose.files.write import seal
from mmcompose.files.write.artifacts import FileChange
from mmcompose.files.write.fresh import fresh, profile_of, unchanged
from mmcompose.files.write.one_writer import one_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmcompose.core.pipeline import Compilation
    from mmcompose.model import Problem


class Outcome:
    """The findings and changes of a render. `fresh`: by the hashes nothing was to do.

    `beside` lists files that no render writes and Compose or an image would pick up; `writer` names the mmcompose that
    wrote the files, if it was another one than this.
    """

    def __init__(
        self, problems: Sequence[Problem] = (), made: Compilation | None = None, writer: str = "", fresh: bool = False
    ) -> None:
        self.problems, self.made, self.writer = [*problems], made, writer
        self.changes: list[FileChange] = []
        self.beside: list[Problem] = []
        self.fresh, self.failed = fresh, False

    @property
    def refused(self) -> list[FileChange]:
        return [change for change in self.changes if change.kind in ("edited", "foreign")]

    def written_elsewhere(self, then: str) -> str:
        """A message where another release of mmcompose wrote the files: then the difference is nobody's mistake."""
        if not self.writer:
            return ""
        return (
            f"the compose files were written by {self.writer}: run `mmcompose render`, review the difference and {then}"
        )

    @property
    def different(self) -> list[FileChange]:
        return [change for change in self.changes if change.kind != "same"]


def render(root: Path, *, force: bool = False, short_cut: bool = True) -> Outcome:
    """Brings compose/ up to date."""
    with ExitStack() as held:
        _enter(held, root)
        inputs, lock = gather(root), locks.read(root)
        believed = short_cut and seal.holds(root, lock.data)
        if believed and fresh(inputs, lock):
            return Outcome(fresh=True)
        settled = unchanged(inputs, lock) if believed else frozenset()
        outcome, outputs = _compared(inputs, lock, None, settled)
        if not outcome.failed and (force or not outcome.refused):
            _write(inputs, outcome, outputs)
        return outcome


def look(root: Path, today: str | None = None) -> Outcome:
    """Finds what a render would change, by comparing bytes: the lock is part of the commit, so it proves nothing."""
    from mmcompose.files.write.beside import beside

    with ExitStack() as held:
        _enter(held, root)
        inputs, lock = gather(root), locks.read(root)
        outcome, outputs = _compared(inputs, lock, today, frozenset())
        if not outcome.failed:
            assert outcome.made is not None
            assert outcome.made.project is not None
            known = {*outputs, *(change.path for change in outcome.changes)}
            outcome.beside = beside(root, known, outcome.made.project)
        return outcome


def _enter(held: ExitStack, root: Path) -> None:
    try:
        held.enter_context(one_writer(root))
    except OSError as error:
        raise write.Refused(f"{root} cannot be opened: {error.strerror}") from error


def _compared(inputs: Inputs, lock: Lock, today: str | None, settled: frozenset[str]) -> tuple[Outcome, dict[str, str]]:
    """Compares a compilation with the disk; also returns the hash of every output that should be there."""
    from mmcompose.core.pipeline import errors
    from mmcompose.files.gather.compile import compilation

    made = compilation(inputs, lock.seats, today=today, unchanged=settled)
    outcome = Outcome(made.problems, made, lock.writer)
    if errors(outcome.problems):
        outcome.failed = True
        return outcome, {}
    artifacts, faults = made.artifacts()
    if faults:
        outcome.problems, outcome.failed = [*outcome.problems, *faults], True
        return outcome, {}
    kept = {path: known for path, known in lock.outputs.items() if profile_of(path) in made.settled}
    outcome.problems = [*outcome.problems, *made.moves]
    outcome.changes = write.plan(inputs.root, artifacts, lock, kept, _cause(inputs, lock))
    return outcome, {**kept, **{path: locks.digest_of(text) for path, text in artifacts.items()}}


def _cause(inputs: Inputs, lock: Lock) -> str:
    """Why a generated file differs from the one that a render would write now."""
    if lock.writer:
        return "this mmcompose writes it differently"
    same = locks.of_inputs(inputs) == lock.inputs
    return "it differs from what its sources render to" if same else "its sources changed"


def _write(inputs: Inputs, outcome: Outcome, outputs: dict[str, str]) -> None:
    made = outcome.made
    assert made is not None
    assert made.stack is not None
    ends = [w.until for p in made.profiles.values() for s in p.services.values() for w in s.waivers]
    new = Lock(
        locks.compiler(), locks.of_inputs(inputs), outputs, locks.placed(made.stack.seats), min(ends, default="")
    )
    text = locks.text(new)
    write.apply(inputs.root, outcome.changes, text)
    seal.put(inputs.root, text.encode("utf-8", "surrogateescape"))
