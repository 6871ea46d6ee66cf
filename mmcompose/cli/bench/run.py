"""`mmcompose bench run`: brings a profile up, measures it with containers beside it, and shows the results."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.bench.progress import BenchProgress
from mmcompose.cli.printing.output import fail, note, say, typed, writing
from mmcompose.cli.printing.table import width
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.here import overrides
from mmcompose.cli.shell.options import also_written, any_profile_argument, overriding, rebuilding
from mmcompose.cli.shell.start_options import patience, taking

if TYPE_CHECKING:
    from mmcompose.bench.run.measuring import Finished


_OUTPUTS = {"output_json": "result.json", "output_csv": "points.csv", "output_md": "report.md"}


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


@click.command("run", cls=WithClient)
@any_profile_argument
@click.argument(
    "arguments", nargs=-1, metavar="[KIND…] [-- OPTION…]", type=click.UNPROCESSED, shell_complete=completing.kinds
)
@click.option("--against", metavar="URL", help="Measure any OpenAI-compatible endpoint instead of a profile.")
@click.option("--no-autostart", is_flag=True, help="Measure a running profile; start nothing.")
@click.option("--service", metavar="NAME", help="Measure only this service of the profile.")
@click.option(
    "--images", type=click.Path(exists=True, path_type=Path), help="An image or a folder of them, for ocr-sweep."
)
@taking()
@rebuilding
@click.option("--build-only", is_flag=True, help="Get the images of the engine and of the benchmarks; start nothing.")
@click.option(
    "--tensor-parallel",
    type=click.IntRange(min=1),
    metavar="N",
    help="On how many GPUs; short for --set gpu.count=N. A model without a profile takes all of its host.",
)
@patience()
@also_written(json="the result", csv="its points", md="the report")
@overriding
@click.pass_obj
def command(folder: str, /, profile: str | None, arguments: tuple[str, ...], **options: Any) -> None:
    """Measure PROFILE by the kinds of its `bench:` list, or by the named ones. Without PROFILE: a sanity check of
    each that is up. A failed sanity check ends the run: further kinds would measure a broken engine.

    PROFILE may also be a model without a profile: a GGUF file, a folder with safetensors or OpenVINO files, or
    OWNER/NAME on the model hub (OWNER/NAME/FILE.gguf). It runs on the project's default host and is taken down
    afterwards.

    A profile that was not up before stays up, and the last line shows how to take it down.

    Options behind `--` go to the client and override the preset. Exit code 4: something failed, and the result has
    the reason; 130: interrupted, and the measurements are kept.

    \b
    mmcompose bench run
    mmcompose bench run ocr
    mmcompose bench run ocr load -- --concurrency 1,2,4,8 --slo ttft=500ms,tpot=50ms
    mmcompose bench run ocr ocr-sweep --images ./receipts --output-csv sweep.csv
    mmcompose bench run ./model.gguf load --set args.ctx_size=4096
    mmcompose bench run --against http://10.0.0.5:8000 load -- --search knee
    """
    from mmcompose.bench.session.work import Request
    from mmcompose.cli.bench.running import against, all_up, profile_runs

    if _is_help(profile, arguments):
        return
    url, outputs = options.pop("against"), {name: options.pop(name) for name in _OUTPUTS}
    kinds, more = _split((profile, *arguments) if url and profile else arguments)
    if gpus := options.pop("tensor_parallel"):
        options["sets"] = (*options["sets"], f"gpu.count={gpus}")
    request = Request(
        kinds,
        more,
        service=options.pop("service"),
        images=options.pop("images"),
        autostart=not options.pop("no_autostart"),
        take=options.pop("take"),
        rebuild=options.pop("rebuild"),
        build_only=options.pop("build_only"),
        patience=options.pop("timeout"),
        typed=typed(),
        values=overrides(options),
    )
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
    _copy(finished, outputs)
    code = max((each.code for each in finished), default=0)
    if code:
        raise SystemExit(code)


def _is_help(profile: str | None, arguments: Sequence[str]) -> bool:
    """Whether this is `-- --help`: the options of the named kind are shown, and nothing is measured."""
    if not {"-h", "--help"} & set(arguments):
        return False
    from mmcompose.cli.engines.flags import tell
    from mmcompose.cli.engines.known import history_of
    from mmcompose.engines.known.benchmarks import contained

    named = [argument for argument in (profile or "", *arguments) if argument in contained()]
    if len(named) != 1:
        fail(f"options belong to a kind: name one of {', '.join(contained())}", 2)
    tell(history_of(contained()[named[0]].history), None)
    return True


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The kinds, and the client's own options behind `--`."""
    first = next((place for place, argument in enumerate(arguments) if argument.startswith("-")), len(arguments))
    kinds, more = list(arguments[:first]), list(arguments[first:])
    if more and len(kinds) != 1:
        fail("options behind -- belong to one kind: name that kind", 2)
    return kinds, more


def _show(each: Finished) -> None:
    from mmcompose.bench.kinds import known

    if each.record is None:
        for line in each.last_lines[-12:]:
            note(line)
        note(f"{each.kind}: nothing was measured")
        return
    say(known.of(each.kind).text(each.record, width=width()))
    say(f"{each.record.folder}")
    say()


def _copy(finished: Sequence[Finished], outputs: dict[str, Path | None]) -> None:
    wanted = {_OUTPUTS[option]: path for option, path in outputs.items() if path is not None}
    records = [each.record for each in finished if each.record is not None]
    if not wanted:
        return
    if len(records) != 1:
        fail(f"{len(records)} results do not fit into one file: name one kind", 2)
    for name, path in wanted.items():
        with writing(path, f"; the result is in {records[0].folder}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(records[0].folder / name, path)
