"""Turns the end of a start into one failure: a message, a next command and an exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mmcompose.core.plain import one_line, visible
from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import recognise
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import observe
from mmcompose.deploy.handover.switch import RolledBackError
from mmcompose.deploy.interruption import Interrupted
from mmcompose.deploy.ready.wait import FailedError
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.order import Order
from mmcompose.deploy.wanted import WantedProfile
from mmcompose.model.failure import Failure

_SHOWN = 12


@contextmanager
def explained(
    engine: DockerEngine, order: Order, note: Callable[[str], None], *, stays: bool, short: str = "did not come up"
) -> Iterator[None]:
    """Turns a failed start into a Failure. If nothing `stays`, the caller removes the started containers. `short`
    names the profile's fault."""
    root, profile = order.root, order.wanted.profile
    try:
        yield
    except Failure as failure:
        failure.facts.setdefault("profile", profile)
        raise
    except FailedError as failed:
        raise _failure(root, failed, [], short, stays=stays) from failed
    except RolledBackError as rolled:
        after, why = _after(rolled), rolled.failure
        if isinstance(why, KeyboardInterrupt):
            for line in after:
                note(one_line(line))
            raise Interrupted(after) from why
        raise _failure(root, known(rolled, profile), after, short, stays=stays and not rolled.former) from why
    except KeyboardInterrupt as stop:
        if not stays:
            raise
        note(f"interrupted; {_left(engine, order.wanted)}")
        raise Interrupted([]) from stop


def known(ended: FailedError | RolledBackError, profile: str) -> FailedError:
    """The failure of a start, whether or not profiles were brought back. An error without a known cause is raised as
    it is."""
    failure = ended.failure if isinstance(ended, RolledBackError) else ended
    if isinstance(failure, EngineError):
        cause = recognise(Evidence(profile=profile, refusal=failure.message))
        return FailedError(cause, profile, log=tuple(failure.message.splitlines()[-_SHOWN:]))
    if not isinstance(failure, FailedError):
        raise failure
    return failure


def _after(rolled: RolledBackError) -> list[str]:
    after = [rolled.former] if rolled.former else []
    after += [f"{name} was stopped for it, and is back" for name in rolled.restored]
    return after + [f"{reason}; mmcompose status shows what runs" for reason in rolled.broken]


def _failure(root: Path, failed: FailedError, after: Sequence[str], short: str, *, stays: bool) -> Failure:
    cause, name = failed.cause, failed.profile
    lines = [f"{name} {short}: {one_line(cause.line)}"]
    kept = ""
    if failed.log:
        with suppress(OSError):
            # The reason is shown even where the disk is full, or another user's.
            kept = str(aside.keep_log(root, name, map(visible, failed.log)).relative_to(root))
        lines += [f"the last lines of its log{f', more in {kept}' if kept else ''}:"]
        lines += [f"  {one_line(line)}" for line in failed.log[-_SHOWN:]]
    following = cause.next if stays else _without_container(cause.next, name, kept)
    return Failure(
        "\n".join([*lines, *map(one_line, after), f"next: {one_line(following)}"]),
        4,
        profile=name,
        service=failed.service,
        cause=cause.name,
        text=cause.line,
        next=following,
        log=list(failed.log[-_SHOWN:]),
        after=list(after),
    )


def _without_container(following: str, name: str, kept: str) -> str:
    """Replaces `mmcompose logs` by the kept file, since that command needs the container, which is gone."""
    instead = f"read {kept}" if kept else f"mmcompose up {name}, which keeps it for inspection"
    return following.replace(f"mmcompose logs {name}", instead)


def _left(engine: DockerEngine, wanted: WantedProfile) -> str:
    """The remains of an interrupted start; it claims only what it sees."""
    name = wanted.profile
    try:
        found = observe(engine, wanted.project, name)
    except EngineError:
        return f"mmcompose status shows what runs of {name}"
    if any(one.role == "fetch" and one.alive for one in found):
        return f"{name} goes on fetching its weights: mmcompose up {name} starts it then, mmcompose down {name} ends it"
    if any(one.alive for one in found):
        return f"{name} keeps running: mmcompose status shows it, mmcompose down {name} ends it"
    return f"{name} does not run, mmcompose down {name} removes what is there of it" if found else f"{name} is not up"


def refused(error: EngineError, profile: str = "") -> Failure:
    cause = recognise(Evidence(profile=profile, refusal=error.message))
    message = f"{one_line(cause.line)}\nnext: {one_line(cause.next)}"
    return Failure(message, 4, profile=profile, cause=cause.name, text=cause.line, next=cause.next)
