"""The common part of `bench run` and `eval run`: their options, the request from these, and the runs that follow."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.bench.progress import BenchProgress
from mmcompose.cli.printing.output import fail, note, say, typed, writing
from mmcompose.cli.printing.table import width
from mmcompose.cli.shell.here import overrides
from mmcompose.cli.shell.options import also_written, overriding, rebuilding, stacked
from mmcompose.cli.shell.start_options import parallel, patience, taking

if TYPE_CHECKING:
    from mmcompose.bench.run.measuring import Finished
    from mmcompose.bench.session.work import Request

_OUTPUTS = {"output_json": "result.json", "output_csv": "points.csv", "output_md": "report.md"}


_FILES = {"image": "images", "data": "data"}
"""The options of programs that read a file or folder of this machine, and ours for them."""


class WithClient(click.Command):
    """Leads an option that only the client can know behind the `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as unknown:
            if unknown.possibilities:
                raise
            behind = f"{unknown.message} Options of the client stand behind `--`: write -- {unknown.option_name} …"
            raise click.NoSuchOption(unknown.option_name, behind, ctx=ctx) from None


_PATH = click.Path(exists=True, path_type=Path)

measuring = stacked(
    click.option("--against", metavar="URL", help="Measure any OpenAI-compatible endpoint instead of a profile."),
    click.option("--no-autostart", is_flag=True, help="Measure a running profile; start nothing."),
    click.option("--service", metavar="NAME", help="Measure only this service of the profile."),
    click.option("--images", type=_PATH, help="An image or a folder of them, for kinds that send images."),
    click.option("--data", type=_PATH, help="The folder with the questions of an eval, as JSONL."),
    taking(),
    rebuilding,
    click.option(
        "--build-only", is_flag=True, help="Get the images of the engine and of the benchmarks; start nothing."
    ),
    parallel,
    patience(),
    also_written(json="the result", csv="its points", md="the report"),
    overriding,
)
"""The options of every command that measures a profile by containers beside it."""


def measure(
    folder: str, profile: str | None, kinds: Sequence[str], more: Sequence[str], options: Mapping[str, Any]
) -> None:
    """Measures by these kinds, shows each run when it ends, and ends with the gravest exit code."""
    from mmcompose.cli.bench.running import against, all_up, profile_runs

    url, request = options["against"], _request(kinds, more, options)
    if not url and not profile and request.build_only:
        fail("name the profile whose images to fetch or build", 2)
    progress = BenchProgress()
    if url:
        runs = against(folder, url, request, progress)
    else:
        runs = profile_runs(folder, profile, request, progress) if profile else all_up(folder, request, progress)
    finished = []
    with closing(runs):  # what it does last it does before this returns, also after an interruption
        for each in runs:
            finished.append(each)
            _show(each)
            if each.code == 130:
                break
    _copy(finished, {name: options[option] for option, name in _OUTPUTS.items() if options[option]})
    code = max((each.code for each in finished), default=0)
    if code:
        raise SystemExit(code)


def _request(kinds: Sequence[str], more: Sequence[str], options: Mapping[str, Any]) -> Request:
    from mmcompose.bench.session.work import Request

    return Request(
        kinds,
        more,
        overrides(options),
        files={option: options[name] for option, name in _FILES.items() if options[name]},
        autostart=not options["no_autostart"],
        typed=typed(),
        **{name: options[name] for name in ("service", "take", "rebuild", "build_only", "timeout")},
    )


def _show(each: Finished) -> None:
    from mmcompose.bench.kinds import known

    if each.record is None:
        for line in each.last_lines[-12:]:
            note(line)
        note(f"{each.kind}: nothing was measured")
        return
    say(known.of(each.record.kind).text(each.record, width=width()))
    say(f"{each.record.folder}")
    say()


def _copy(finished: Sequence[Finished], wanted: Mapping[str, Path]) -> None:
    records = [each.record for each in finished if each.record is not None]
    if not wanted:
        return
    if len(records) != 1:
        fail(f"{len(records)} results do not fit into one file: name one kind", 2)
    for name, path in wanted.items():
        with writing(path, f"; the result is in {records[0].folder}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(records[0].folder / name, path)
