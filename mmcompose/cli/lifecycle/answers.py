"""Asks each service of a profile that is up one whole question, and refuses wrong answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from mmcompose.cli.printing.output import fail, say, say_event
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from mmcompose.deploy.handover.visit import Visit
    from mmcompose.deploy.ready.verify import ServiceAnswer
    from mmcompose.deploy.start.order import Order

_LEAST = 30.0
"""Seconds for a question, even if the start took all of `--timeout`."""


def check_answers(visit: Visit, order: Order, style: str, left: float, *, stays: bool = False) -> None:
    """Prints each answer as it comes. Exit code 4: one is wrong."""
    from mmcompose.deploy.ready.verify import verify

    name, fault = order.wanted.profile, ""
    for one in verify(visit.engine, order.wanted, order.root, max(_LEAST, left)):
        _tell(one, name, style)
        fault = fault or (f"{one.service}: {one.fault}" if one.fault else "")
    if fault:
        # What goes away takes its log along, so a copy is kept.
        following = f"mmcompose logs {name}" if stays else visit.keep_logs(order)
        shown = f"\nnext: {following}" if following else ""
        fail(f"{name} runs, but its answer is wrong: {one_line(fault)}{shown}", 4, text=fault, next=following)


def _tell(one: ServiceAnswer, name: str, style: str) -> None:
    if style == "json":
        say_event({"event": "answer", "profile": name, **asdict(one)})
    else:
        say(one_line(f"{one.service} at {one.address}: {one.fault or repr(one.answer)} ({one.seconds:.2f} s)"))
