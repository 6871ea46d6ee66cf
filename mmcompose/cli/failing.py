"""From the failures of the runner to a message, a next command and an exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mmcompose.cli.output import fail, note
from mmcompose.deploy.interruption import terminable

if TYPE_CHECKING:
    from mmcompose.cli.progress import Progress
    from mmcompose.deploy.engine import Engine
    from mmcompose.deploy.switch import RolledBackError
    from mmcompose.deploy.wait import FailedError

_SHOWN = 12


@contextmanager
def docker(profile: str = "") -> Iterator[Engine]:
    """An engine to talk to; its refusals become a cause and a next command."""
    from mmcompose.deploy.engine import DockerEngine, EngineError
    from mmcompose.deploy.recognise import Evidence, recognise

    try:
        yield DockerEngine()
    except EngineError as error:
        cause = recognise(Evidence(profile=profile, refusal=error.words))
        fail(f"{cause.line}\nnext: {cause.next}", 4)


@contextmanager
def told(root: Path, profile: str, progress: Progress) -> Iterator[Engine]:
    """The same for a start, which can be refused, fail, and be rolled back."""
    from mmcompose.deploy.lock import BusyError
    from mmcompose.deploy.switch import RefusedError, RolledBackError
    from mmcompose.deploy.wait import FailedError

    with terminable(), docker(profile) as engine:
        try:
            yield engine
        except (RefusedError, BusyError) as refused:
            progress.end()
            fail(str(refused), 1, profile=profile)
        except FailedError as failed:
            progress.end()
            _tell(root, failed, [])
        except RolledBackError as rolled:
            progress.end()
            _tell_rolled_back(root, profile, progress, rolled)
        except KeyboardInterrupt:
            progress.end()
            _interrupted(progress, profile, [])
            note(f"interrupted; what runs goes on: mmcompose status shows it, mmcompose down {profile} ends it")
            raise
        finally:
            progress.end()


def _tell(root: Path, failed: FailedError, after: list[str]) -> NoReturn:
    from mmcompose.deploy import aside

    cause, name = failed.cause, failed.profile
    lines = [f"{name} did not come up: {cause.line}"]
    if failed.log:
        more = ""
        with suppress(OSError):
            # The reason is told all the same where the disk is full, or another user's.
            kept = aside.keep(root, f"logs/{name}.log", "\n".join([*failed.log, ""]))
            more = f", more in {kept.relative_to(root)}"
        lines += [f"the last lines of its log{more}:"]
        lines += [f"  {line}" for line in failed.log[-_SHOWN:]]
    fail(
        "\n".join([*lines, *after, f"next: {cause.next}"]),
        4,
        event="failed",
        profile=name,
        service=failed.service,
        cause=cause.name,
        text=cause.line,
        next=cause.next,
        log=list(failed.log[-_SHOWN:]),
        after=after,
    )


def _tell_rolled_back(root: Path, profile: str, progress: Progress, rolled: RolledBackError) -> None:
    from mmcompose.deploy.engine import EngineError
    from mmcompose.deploy.recognise import Evidence, recognise
    from mmcompose.deploy.wait import FailedError

    after = [f"{name} was stopped for it, and is back" for name in rolled.restored]
    after += [f"{reason}; mmcompose status shows what runs" for reason in rolled.broken]
    failure = rolled.failure
    if isinstance(failure, KeyboardInterrupt):
        _interrupted(progress, profile, after)
        for line in after:
            note(line)
        raise failure
    if isinstance(failure, EngineError):
        cause = recognise(Evidence(profile=profile, refusal=failure.words))
        failure = FailedError(cause, profile, log=tuple(failure.words.splitlines()[-_SHOWN:]))
    if not isinstance(failure, FailedError):
        raise failure
    _tell(root, failure, after)


def _interrupted(progress: Progress, profile: str, after: list[str]) -> None:
    if progress.style == "json":
        with suppress(OSError):
            brought_back = {"after": after} if after else {}
            click.echo(json.dumps({"event": "interrupted", "profile": profile, **brought_back}, ensure_ascii=False))
