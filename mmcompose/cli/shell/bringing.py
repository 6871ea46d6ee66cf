"""Shared by commands that start profiles: finds the profile, checks that its files are fresh, starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mmcompose.cli.printing.output import fail, note
from mmcompose.cli.printing.progress import Progress
from mmcompose.cli.shell.choosing import chosen, refuse_unknown
from mmcompose.cli.shell.ending import about
from mmcompose.cli.shell.failing import docker, explained, note_located
from mmcompose.cli.shell.here import overrides, root
from mmcompose.cli.shell.start_options import Wish

if TYPE_CHECKING:
    from mmcompose.core.pipeline import Compilation
    from mmcompose.deploy.handover.visit import Visit
    from mmcompose.deploy.start.at_hand import AtHand
    from mmcompose.deploy.start.order import Order


def fresh(folder: str, names: Iterable[str] = (), family: str | None = None) -> AtHand:
    """The project at hand; a name of no profile or model is refused before anything else."""
    from mmcompose.deploy.start.at_hand import fresh

    def check(made: Compilation) -> None:
        for name in names:
            refuse_unknown(made, name, family)

    return fresh(root(folder), note, check)


def start(
    folder: str,
    names: Sequence[str],
    wanted: Wish,
    options: Mapping[str, Any],
    family: str = "",
    run: Callable[[AtHand, str, Wish], object] | None = None,
) -> None:
    """Starts the named profiles, one after the other: by name, by model, or a whole family. `run` does more than to
    bring one up.

    Without names, `--model` chooses the profile that serves it; with one name, that profile gets the model.
    """
    model = options.get("model")
    if model and len(names) > 1:
        fail("--model is for one profile: name one, or call `up` once for each", 2)
    meant = names or tuple(filter(None, (model or family,)))
    if not meant:
        fail("name a profile; `mmcompose list` shows them", 2)
    here = fresh(folder, meant, family or None)
    values = overrides({**options, "model": model if names else None})
    for name in dict.fromkeys(chosen(here.made.profiles, each, family or None) for each in meant):
        (run or bring)(here.with_values(about(name), values), name, wanted)


@contextmanager
def visited(here: AtHand, name: str = "", *, stays: bool) -> Iterator[Visit]:
    """Takes the started profiles down after the block, unless they `stay`."""
    from mmcompose.deploy.handover.visit import visiting

    with docker(name) as engine, visiting(engine, here.name, note_located, stays=stays) as visit:
        yield visit


def bring(here: AtHand, name: str, wanted: Wish, visit: Visit | None = None) -> Order:
    """Brings a profile up and reports. Exit code 1: refused; 2: invalid; 4: it failed."""
    order = here.order(name, wanted.timeout, wait=wanted.wait, rebuild=wanted.rebuild, taking=wanted.taking)
    for text in here.differences():
        note(text)
    progress = Progress(wanted.style, verbose=wanted.verbose)
    short = "lacks an image" if wanted.build_only else "did not come up"
    with explained(order, progress, stays=wanted.stays, short=short) as engine:
        from mmcompose.core.hints import listing
        from mmcompose.deploy.handover.switch import Bringing
        from mmcompose.deploy.start.bring_up import fetch

        if wanted.build_only:
            if not fetch(engine, order, progress):
                note(f"{name}: nothing to fetch or build: {listing(order.wanted.images)}; add --rebuild to do it again")
        elif visit is not None:
            visit.bring(here.stack, order, progress, take=wanted.take)
        else:
            Bringing(engine, here.stack, order, progress, wanted.take).run()
    return order
