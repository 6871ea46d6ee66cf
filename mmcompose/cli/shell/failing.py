"""Turns failures of a start into a message, a next command and an exit code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

import click
from click.core import ParameterSource

from mmcompose.cli.printing.output import fail, note
from mmcompose.cli.printing.plain import one_line, visible
from mmcompose.cli.shell.ending import Interrupted
from mmcompose.deploy.interruption import terminable

if TYPE_CHECKING:
    from pathlib import Path

    from mmcompose.cli.printing.progress import Progress
    from mmcompose.deploy.docker.engine import Engine
    from mmcompose.deploy.handover.switch import RolledBackError
    from mmcompose.deploy.ready.wait import FailedError
    from mmcompose.deploy.start.order import Order
    from mmcompose.deploy.wanted import Target

_SHOWN = 12
_OURS = re.compile(r"\bmmcompose (?=(?:up|switch|down|test|status|logs|doctor|explain|validate|render|list|ovms)\b)")


def located(text: str) -> str:
    """Adds the typed `-C` to our commands in a text: copied as they stand, they are about the same project."""
    ctx = click.get_current_context(silent=True)
    if ctx is None or ctx.find_root().get_parameter_source("project") is not ParameterSource.COMMANDLINE:
        return text
    folder = shlex.quote(str(ctx.find_root().params["project"]))
    return _OURS.sub(lambda _: f"mmcompose -C {folder} ", text)


@contextmanager
def docker(profile: str = "") -> Iterator[Engine]:
    """Yields the engine; turns its refusals into a cause and a next command."""
    from mmcompose.deploy.causes.evidence import Evidence
    from mmcompose.deploy.causes.recognise import recognise
    from mmcompose.deploy.docker.client import DockerEngine
    from mmcompose.deploy.docker.engine import EngineError

    try:
        yield DockerEngine()
    except EngineError as error:
        cause = recognise(Evidence(profile=profile, refusal=error.message))
        following = located(cause.next)
        shown = f"{one_line(cause.line)}\nnext: {one_line(following)}"
        fail(shown, 4, profile=profile, cause=cause.name, text=cause.line, next=following)


@contextmanager
def explained(order: Order, progress: Progress, *, stays: bool, short: str = "did not come up") -> Iterator[Engine]:
    """Does the same for a start, which can be refused, fail, or be rolled back. Where nothing `stays`, the caller
    removes what was started. `short` says of the profile what a failure means."""
    from mmcompose.deploy.handover.lock import BusyError
    from mmcompose.deploy.handover.restart import NotUpError
    from mmcompose.deploy.handover.switch import RefusedError, RolledBackError
    from mmcompose.deploy.ready.wait import FailedError

    root, profile = order.root, order.target.profile
    with terminable(), docker(profile) as engine:
        try:
            yield engine
        except (RefusedError, BusyError, NotUpError) as refused:
            progress.end()
            fail(located(refused.message), profile=profile)
        except FailedError as failed:
            progress.end()
            _tell(root, failed, [], short, stays=stays)
        except RolledBackError as rolled:
            progress.end()
            _tell_rolled_back(root, profile, rolled, short, stays=stays)
        except KeyboardInterrupt as stop:
            progress.end()
            if not stays:
                raise
            note(located(f"interrupted; {_left(engine, order.target)}"))
            raise Interrupted([]) from stop
        finally:
            progress.end()


def _left(engine: Engine, target: Target) -> str:
    """What an interruption leaves behind; it claims only what it sees."""
    from mmcompose.deploy.docker.engine import EngineError
    from mmcompose.deploy.docker.observe import observe

    name = target.profile
    try:
        found = observe(engine, target.project, name)
    except EngineError:
        return f"mmcompose status shows what runs of {name}"
    if any(one.alive for one in found):
        return f"{name} keeps running: mmcompose status shows it, mmcompose down {name} ends it"
    return f"{name} does not run, mmcompose down {name} removes what is there of it" if found else f"{name} is not up"


def _tell(root: Path, failed: FailedError, after: list[str], short: str, *, stays: bool) -> NoReturn:
    from mmcompose.deploy.start import aside

    cause, name = failed.cause, failed.profile
    lines = [f"{name} {short}: {one_line(cause.line)}"]
    kept = ""
    if failed.log:
        with suppress(OSError):
            # The reason is shown even where the disk is full, or another user's.
            kept = str(aside.keep_log(root, name, map(visible, failed.log)).relative_to(root))
        lines += [f"the last lines of its log{f', more in {kept}' if kept else ''}:"]
        lines += [f"  {one_line(line)}" for line in failed.log[-_SHOWN:]]
    following = located(cause.next if stays else _without_container(cause.next, name, kept))
    fail(
        "\n".join([*lines, *map(one_line, after), f"next: {one_line(following)}"]),
        4,
        profile=name,
        service=failed.service,
        cause=cause.name,
        text=cause.line,
        next=following,
        log=list(failed.log[-_SHOWN:]),
        after=after,
    )


def _without_container(following: str, name: str, kept: str) -> str:
    """`mmcompose logs` needs the container, which is gone when this is read."""
    instead = f"read {kept}" if kept else f"mmcompose up {name}, which leaves it there to be looked at"
    return following.replace(f"mmcompose logs {name}", instead)


def _tell_rolled_back(root: Path, profile: str, rolled: RolledBackError, short: str, *, stays: bool) -> NoReturn:
    from mmcompose.deploy.causes.evidence import Evidence
    from mmcompose.deploy.causes.recognise import recognise
    from mmcompose.deploy.docker.engine import EngineError
    from mmcompose.deploy.ready.wait import FailedError

    after = [rolled.former] if rolled.former else []
    after += [f"{name} was stopped for it, and is back" for name in rolled.restored]
    after += [located(f"{reason}; mmcompose status shows what runs") for reason in rolled.broken]
    failure = rolled.failure
    if isinstance(failure, KeyboardInterrupt):
        for line in after:
            note(one_line(line))
        raise Interrupted(after) from failure
    if isinstance(failure, EngineError):
        cause = recognise(Evidence(profile=profile, refusal=failure.message))
        failure = FailedError(cause, profile, log=tuple(failure.message.splitlines()[-_SHOWN:]))
    if not isinstance(failure, FailedError):
        raise failure
    _tell(root, failure, after, short, stays=stays and not rolled.former)
