"""Runs a profile in the foreground: up, its log until somebody ends it, down."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from mmcompose.cli.lifecycle.answers import check_answers
from mmcompose.cli.printing.output import fail, note, say, say_event
from mmcompose.cli.printing.progress import Progress
from mmcompose.cli.shell.bringing import bring, visited
from mmcompose.cli.shell.failing import explained
from mmcompose.cli.shell.start_options import Wish

if TYPE_CHECKING:
    from mmcompose.deploy.handover.visit import Visit
    from mmcompose.deploy.start.at_hand import AtHand
    from mmcompose.deploy.start.order import Order


def in_foreground(here: AtHand, name: str, wanted: Wish, *, owned: bool = True) -> None:
    """Brings a profile up, shows its log, and takes it down. Ctrl-C, SIGTERM and a command that stops it are ends that
    somebody wanted: exit code 0. `owned`: it goes down even if it was up before. Exit code 4: it failed, or ended by
    itself."""
    _refuse_haste(wanted)
    with visited(here, name, stays=False) as visit, suppress(KeyboardInterrupt):
        order = bring(here, name, wanted, visit)
        if owned:
            visit.own(name)
        _follow(visit, order, wanted.style)


def tested(here: AtHand, name: str, wanted: Wish) -> None:
    """Brings a profile up, asks each service one whole question, and takes down what was not up before. Exit code 4: it
    did not come up, or its answer is wrong."""
    _refuse_haste(wanted)
    began = time.monotonic()
    with visited(here, name, stays=wanted.stays) as visit:
        services = len(here.made.profiles[name].services)
        visit.refuse_to_change(name, services, here.files_there(name), rebuild=wanted.rebuild)
        order = bring(here, name, wanted, visit)
        left = order.timeout - (time.monotonic() - began)
        check_answers(visit, order, wanted.style, left, stays=wanted.stays)


def _refuse_haste(wanted: Wish) -> None:
    if not wanted.wait:
        fail("this has to wait until the profile is ready: leave out --no-wait and --detach", 2)


def _follow(visit: Visit, order: Order, style: str) -> None:
    from mmcompose.deploy.handover.foreground import follow, now_at

    name = order.wanted.profile

    def show(line: str) -> None:
        if style == "json":
            say_event({"event": "log", "profile": name, "text": line})
        else:
            say(line)

    since = now_at(visit.engine)
    if style == "text":
        note(f"{name} runs in the foreground, and its log follows; Ctrl-C takes it down")
    with explained(order, Progress(style), stays=False, short="ended") as engine:
        follow(engine, order, since, show)
    note(f"{name} was stopped by another command, which decides what stays of it")
    visit.disown(name)
