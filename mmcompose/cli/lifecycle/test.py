"""`mmcompose test`: up, one whole answer of each service, down. For CI."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.printing.output import fail, say, say_event, typed
from mmcompose.cli.shell.bringing import bring, fresh, visited
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.here import overrides
from mmcompose.cli.shell.options import profile_argument
from mmcompose.cli.shell.start_options import starting, taking, wish
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from mmcompose.deploy.docker.engine import DockerEngine
    from mmcompose.deploy.ready.verify import ServiceAnswer
    from mmcompose.deploy.start.order import Order

_LEAST = 30.0
"""Seconds for a question, even if the start took all of `--timeout`."""


@click.command("test", cls=EventCommand)
@profile_argument
@starting
@taking("; they stay down")
@click.option("--keep", is_flag=True, help="Leave it up.")
@click.pass_obj
def command(folder: str, /, profile: str, model: str | None, take: bool, keep: bool, **options: Any) -> None:
    """Bring PROFILE up, ask each of its services one whole question, take it down.

    A profile that was up before stays up, unchanged. Exit code 1: it is up with other values, or others are in the
    way; 4: it did not come up, or its answer is wrong.

    \b
    mmcompose test ocr-cpu
    mmcompose test ocr --set args.max_num_seqs=8 --keep
    """
    wanted = wish(options, take=take, taking=typed("--take"), stays=keep)
    if not wanted.wait:
        fail("`test` has to wait until the profile is ready: leave out --no-wait and --detach", 2)
    here = fresh(folder, (profile,))
    name = about(chosen(here.made.profiles, profile))
    here = here.with_values(name, overrides({**options, "model": model}))
    if wanted.build_only:
        bring(here, name, wanted)
        return
    began = time.monotonic()
    with visited(here, name, stays=keep) as visit:
        services = len(here.made.profiles[name].services)
        visit.refuse_to_change(name, services, here.files_there(name), rebuild=wanted.rebuild)
        order = bring(here, name, wanted, visit)
        fault = _tell_answers(visit.engine, order, wanted.style, order.timeout - (time.monotonic() - began))
        # What goes away takes its log along, so a copy is kept.
        following = "" if not fault else f"mmcompose logs {name}" if keep else visit.keep_logs(order)
    if fault:
        shown = f"\nnext: {following}" if following else ""
        fail(f"{name} runs, but its answer is wrong: {one_line(fault)}{shown}", 4, text=fault, next=following)


def _tell_answers(engine: DockerEngine, order: Order, style: str, left: float) -> str:
    """Prints each answer as it comes; returns the fault of the first wrong one."""
    from mmcompose.deploy.ready.verify import verify

    fault = ""
    for one in verify(engine, order.wanted, order.root, max(_LEAST, left)):
        _tell(one, order.wanted.profile, style)
        fault = fault or (f"{one.service}: {one.fault}" if one.fault else "")
    return fault


def _tell(one: ServiceAnswer, name: str, style: str) -> None:
    if style == "json":
        say_event({"event": "answer", "profile": name, **asdict(one)})
    else:
        say(one_line(f"{one.service} at {one.address}: {one.fault or repr(one.answer)} ({one.seconds:.2f} s)"))
