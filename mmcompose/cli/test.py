"""`mmcompose test`: up, one whole answer of each service, down. For CI."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.bringing import Here, bring, fresh, said, starting, wish, written
from mmcompose.cli.choosing import chosen
from mmcompose.cli.ending import Told, about
from mmcompose.cli.failing import docker, located
from mmcompose.cli.output import Failure, fail, note, say, say_event, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmcompose.core.resolve import Override
    from mmcompose.deploy.engine import Engine
    from mmcompose.deploy.observe import Running
    from mmcompose.deploy.own import Own
    from mmcompose.deploy.start import Order
    from mmcompose.deploy.verify import Finding

_LEAST = 30.0
"""Seconds that a question has, also where coming up took all of `--timeout`."""


@click.command("test", cls=Told)
@click.argument("profile")
@starting
@click.option("--take", is_flag=True, help="Stop the profiles that are in the way, as `switch` does; they stay down.")
@click.option("--keep", is_flag=True, help="Leave it up.")
@click.pass_obj
def command(folder: str, /, profile: str, model: str | None, take: bool, keep: bool, **options: Any) -> None:
    """Bring PROFILE up, ask each of its services one whole question, take it down.

    What was up before stays up, as it is. Exit code 1: it is up with other values, or others are in the way; 4: it did
    not come up, or did not answer as it should.
    """
    wanted = wish(options, take=take, taking=typed("--take"), stays=keep)
    if not wanted.wait:
        fail("a test asks what it brought up, so it waits for it: leave --no-wait and --detach away", 2)
    here = fresh(folder)
    name = about(chosen(here.made.profiles, profile))
    values = said(options, model)
    if wanted.build_only:
        bring(here, name, values, wanted)
        return
    began = time.monotonic()
    with docker(name) as engine:
        from mmcompose.deploy.own import Watched

        before = _there(engine, here, name)
        _leave_alone(engine, here, name, values, before, rebuild=wanted.rebuild)
    watched = Watched(before)

    def remove() -> None:
        with docker(name) as engine:
            _remove(engine, watched.own(_there(engine, here, name)), name)

    fault = ""
    try:
        order = bring(here, name, values, wanted, watched.hear)
        fault = _asked(order, name, wanted.style, wanted.timeout - (time.monotonic() - began))
        kept = _log_kept(order, name) if fault and not keep else ""
    except BaseException:
        if not keep:
            _despite(remove)
        raise
    if not keep:
        _insistently(remove)
    if fault:
        instead = f"; read {kept}" if kept else ""
        following = kept and f"read {kept}"
        fail(f"{name} runs, and does not answer as it should: {fault}{instead}", 4, profile=name, next=following)


def _there(engine: Engine, here: Here, name: str) -> list[Running]:
    from mmcompose.deploy.observe import observe

    assert here.made.project is not None
    return observe(engine, here.made.project.name, name)


def _leave_alone(
    engine: Engine, here: Here, name: str, values: Sequence[Override], before: Sequence[Running], *, rebuild: bool
) -> None:
    """A test never replaces what is up: refused before anything is written or fetched for it."""
    up = [one for one in before if one.alive and one.serves]
    if not up:
        return
    files = written(here, name, values)
    hashes = engine.hashes(files) if files is not None else {}
    for one in up:
        image = engine.image(one.image)
        if one.config_hash != hashes.get(one.compose_service):
            _refuse(name, "is up with other values")
        elif rebuild or (image is not None and image["Id"] != one.image_id):
            _refuse(name, "is up, and its image would become another one")
        elif one.compose_project != one.project and len(up) < len(here.made.profiles[name].services):
            _refuse(name, f"is up in part, started by {one.started_by}")


def _refuse(name: str, why: str) -> None:
    fail(located(f"{name} {why}, and a test leaves what is up as it is: mmcompose down {name} first"), profile=name)


def _asked(order: Order, name: str, style: str, left: float) -> str:
    """Tell each answer as it comes, and what is wrong with the first that is wrong."""
    from mmcompose.deploy.verify import verify

    fault = ""
    with docker(name) as engine:
        for one in verify(engine, order.target, order.root, max(_LEAST, left)):
            _tell(one, name, style)
            fault = fault or (f"{one.service}: {one.fault}" if one.fault else "")
    return fault


def _tell(one: Finding, name: str, style: str) -> None:
    if style == "json":
        say_event({"event": "answer", "profile": name, **asdict(one)})
    else:
        say(f"{one.service} at {one.address}: {one.fault or repr(one.answer)} ({one.seconds:.2f} s)")


def _log_kept(order: Order, name: str) -> str:
    """Where the log of what is about to be removed lies; nothing where it cannot be had."""
    from mmcompose.deploy import aside
    from mmcompose.deploy.engine import EngineError
    from mmcompose.deploy.observe import observe
    from mmcompose.deploy.wait import TAIL

    with docker(name) as engine:
        try:
            found = [one for one in observe(engine, order.target.project, name) if one.serves]
            lines = [line for one in found for line in engine.logs(one.id, tail=TAIL)]
            return str(aside.keep(order.root, f"logs/{name}.log", "\n".join([*lines, ""])).relative_to(order.root))
        except (EngineError, OSError):
            return ""


def _remove(engine: Engine, own: Own, name: str) -> None:
    from mmcompose.deploy.down import take_down
    from mmcompose.deploy.observe import deployments

    engine.stop([one.id for one in own.started])
    for one in deployments(own.made):
        take_down(engine, one)
    if own.made or own.started:
        note(f"{name} is down")


def _insistently(step: Callable[[], None]) -> None:
    """Once more after an interruption, which reaches Docker's program too and may have left half of it."""
    try:
        step()
    except KeyboardInterrupt:
        step()
        raise


def _despite(step: Callable[[], None]) -> None:
    """On the way out: what went wrong before is what is told in the end."""
    try:
        _insistently(step)
    except Failure as failure:
        note(failure.message)
        note(located("what was started for the test may still be there: mmcompose status shows it"))
