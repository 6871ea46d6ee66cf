"""Ends commands that start something with exactly one last event, whatever ends them."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.printing import last, streams
from mmcompose.cli.printing.output import failure_of
from mmcompose.deploy.interruption import Interrupted
from mmcompose.model.failure import Failure

_PROFILE = f"{__name__}.profile"


class EventCommand(click.Command):
    """With `--format json` its last event is `done`, `refused`, `failed` or `interrupted`, with the exit code."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        last.begin()
        given = [*args]
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.ClickException as wrong:
            if last.wants_events([str(info_name), *given]):
                last.tell({"event": "refused", "text": wrong.format_message(), "code": wrong.exit_code})
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """A closed pipe changes neither the work nor the exit code."""
        with streams.unheard():
            try:
                answer = super().invoke(ctx)
                _tell(ctx, {"event": "done", "code": 0})
            except OSError as error:
                failure = failure_of(error)
                _tell(ctx, failure.data())
                raise failure from error
            except Failure as failure:
                from mmcompose.cli.shell.failing import locate

                _tell(ctx, locate(failure).data())
                raise
            except click.ClickException as wrong:
                _tell(ctx, {"event": "refused", "text": wrong.format_message(), "code": wrong.exit_code})
                raise
            except (KeyboardInterrupt, click.Abort) as stop:
                after = stop.after if isinstance(stop, Interrupted) else []
                _tell(ctx, {"event": "interrupted", **({"after": after} if after else {}), "code": 130})
                raise
            except Exception as fault:
                _tell(ctx, {"event": "failed", "text": f"{type(fault).__name__}: {fault}", "code": 1})
                raise
            return answer


def about(profile: str) -> str:
    """Names the profile that the events of this run are about, from now on."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None:
        ctx.meta[_PROFILE] = profile
    return profile


def _tell(ctx: click.Context, data: dict[str, Any]) -> None:
    if ctx.params.get("style") == "json":
        profile = {"profile": ctx.meta[_PROFILE]} if _PROFILE in ctx.meta else {}
        last.tell({"event": data["event"], **profile, **data})
