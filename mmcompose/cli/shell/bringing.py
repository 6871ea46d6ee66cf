"""What `up`, `switch`, `test` and the short forms share: find the profile, see that its files are fresh, start it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from mmcompose.cli.printing.output import Invalid, fail, note
from mmcompose.cli.printing.progress import Progress
from mmcompose.cli.shell.failing import docker, explained, note_located
from mmcompose.cli.shell.here import compiled, root
from mmcompose.cli.shell.rendered import written_elsewhere
from mmcompose.cli.shell.start_options import Wish
from mmcompose.model.paths import PRIVATE

if TYPE_CHECKING:
    from mmcompose.core.pipeline import Compilation
    from mmcompose.core.read.documents import Source
    from mmcompose.core.read.overrides import Override
    from mmcompose.deploy.docker.engine import Files
    from mmcompose.deploy.handover.visit import Visit
    from mmcompose.deploy.start.order import Order
    from mmcompose.files.write.render import Outcome
    from mmcompose.model import Problem, Stack


@contextmanager
def visited(here: Here, name: str = "", *, stays: bool) -> Iterator[Visit]:
    """What is brought up in the block goes after it, unless it `stays`."""
    from mmcompose.deploy.handover.visit import visiting

    assert here.made.project is not None
    with docker(name) as engine, visiting(engine, here.made.project.name, note_located, stays=stays) as visit:
        yield visit


def bring(here: Here, name: str, values: Sequence[Override], wanted: Wish, visit: Visit | None = None) -> Order:
    """Brings a profile up and reports. Exit code 1: refused; 2: invalid; 4: it failed."""
    stack, order = prepared(here, name, values, wanted)
    progress = Progress(wanted.style, verbose=wanted.verbose)
    short = "lacks an image" if wanted.build_only else "did not come up"
    with explained(order, progress, stays=wanted.stays, short=short) as engine:
        from mmcompose.core.hints import listing
        from mmcompose.deploy.handover.switch import Bringing
        from mmcompose.deploy.start.bring_up import fetch

        if wanted.build_only:
            if not fetch(engine, order, progress):
                note(f"{name}: nothing to fetch or build: {listing(order.target.images)}; add --rebuild to do it again")
        elif visit is not None:
            visit.bring(stack, order, progress, take=wanted.take)
        else:
            Bringing(engine, stack, order, progress, wanted.take).run()
    return order


class Here(NamedTuple):
    """The project at hand: its folder as typed, its root, and its compilation. `more` are sources without a file."""

    folder: str
    root: Path
    made: Compilation
    more: Sequence[Source] = ()


def fresh(folder: str) -> Here:
    """The project, when its files are what a render would write; nothing is ever rendered on the way."""
    from mmcompose.core.pipeline import errors
    from mmcompose.files.write import render

    place = root(folder)
    outcome = render.look(place)
    if outcome.failed:
        raise Invalid(outcome.problems)
    beside = errors(outcome.beside)
    if outcome.different or beside:
        _refuse(outcome, beside)
    assert outcome.made is not None
    return Here(folder, place, outcome.made)


def _refuse(outcome: Outcome, beside: Sequence[Problem]) -> NoReturn:
    """Refuses to start: the files differ from what was reviewed."""
    for change in outcome.different:
        note(f"{change.path}: {change.cause}")
    for problem in [*(made.moves if (made := outcome.made) else ()), *beside]:
        note(str(problem))
    files = [{"path": change.path, "cause": change.cause} for change in outcome.different]
    files += [{"path": problem.origin.file, "cause": problem.message} for problem in beside if problem.origin]
    if outcome.different:
        bare = "the compose files are out of date: run `mmcompose render`, read the difference, and try again"
        fail(written_elsewhere(outcome, "try again") or bare, files=files)
    count = "a file lies" if len(beside) == 1 else f"{len(beside)} files lie"
    fail(f"{count} beside the compose files and would change what starts: nothing was started", files=files)


def prepared(here: Here, name: str, values: Sequence[Override], wanted: Wish) -> tuple[Stack, Order]:
    """What is to be brought up: from the committed files, or with values of the command line from files kept aside."""
    from mmcompose.deploy.ready.patience import patience as lasting
    from mmcompose.deploy.start import aside
    from mmcompose.deploy.start.order import Order
    from mmcompose.deploy.wanted import target

    place = here.root
    assert here.made.stack is not None
    stack, project = here.made.stack, here.made.stack.project
    if values or here.more:
        stack, texts = overridden(here.folder, name, values, here.more)
        try:
            files = aside.overridden(place, project.name, name, texts)
        except OSError as error:
            fail(f"{PRIVATE}/ cannot be written: {error.strerror or error}", 4)
        if here.more:
            note(f"started from {PRIVATE}/, for a model that has no profile")
        else:
            _show_difference(place, texts)
    else:
        files = aside.committed(place, project.name, name)
    timeout = lasting(stack.profiles[name], wanted.timeout)
    return stack, Order(target(stack, name), files, place, timeout, wanted.wait, wanted.rebuild, wanted.taking)


def written(here: Here, name: str, values: Sequence[Override]) -> Files | None:
    """The files that such a start would take, where they are there as it would write them. Writes nothing."""
    from mmcompose.deploy.start import aside

    assert here.made.stack is not None
    project = here.made.stack.project.name
    if not values:
        return aside.committed(here.root, project, name)
    return aside.found(here.root, project, name, overridden(here.folder, name, values)[1])


def overridden(
    folder: str, name: str, values: Sequence[Override], more: Sequence[Source] = ()
) -> tuple[Stack, dict[str, str]]:
    """One profile with values of the command line, all others as they are written, and all files of the project so."""
    from mmcompose.core.pipeline import errors

    made = compiled(folder, values, only=name, more=more)
    problems = made.problems
    if errors(problems) or name not in made.profiles:
        raise Invalid(problems)
    assert made.stack is not None
    texts, faults = made.artifacts()
    if faults:
        raise Invalid(faults)
    return made.stack, texts


def _show_difference(place: Path, texts: dict[str, str]) -> None:
    from mmcompose.files.write.artifacts import Change
    from mmcompose.files.write.show import diff_of

    for path, text in sorted(texts.items()):
        committed = place / path
        old = committed.read_bytes().decode("utf-8", "surrogateescape") if committed.is_file() else None
        if old != text:
            note(diff_of(Change(path, "update", "", old, text)).rstrip("\n"))
    note("started from .mmcompose/, which is not committed; put the values into the profile to keep them")
