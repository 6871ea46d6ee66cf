"""`mmcompose bench vram`: how much GPU memory profiles and vision models really take, and how long they load."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.printing.output import fail, note, say
from mmcompose.cli.shell.bringing import fresh
from mmcompose.cli.shell.options import also_written, profiles_argument, text_or_json
from mmcompose.cli.shell.start_options import patience

if TYPE_CHECKING:
    from mmcompose.bench.report.vram import Measured
    from mmcompose.bench.vram.patience import Patience
    from mmcompose.bench.vram.running import Ears, VramRun
    from mmcompose.deploy.machine.gpu_memory import Reader
    from mmcompose.deploy.ready.events import Event
    from mmcompose.deploy.start.at_hand import AtHand

_RULE = "=" * 60


@click.command("vram")
@profiles_argument
@also_written(json="everything", md="the report")
@click.option("--baseline-seconds", "baseline", type=click.FloatRange(0.2), default=5, show_default=True, metavar="S",
              help="The time in which the GPU is watched before the load.")  # fmt: skip
@click.option("--load-seconds", "load", type=click.FloatRange(0), default=10, show_default=True, metavar="S",
              help="The time in which an engine gets requests after its first answer.")  # fmt: skip
@patience(1800)
@text_or_json
@click.pass_obj
def command(folder: str, /, profiles: tuple[str, ...], style: str, timeout: float, **options: Any) -> None:
    """Measure PROFILES one after the other: each is brought up, tested, and taken down again.

    Without PROFILES: those with `vram` in their `bench:` list. Of a vision zoo each model is measured by itself. No
    other profile is stopped for it. Exit code 1: a profile is up or in the way; 4: a load failed, and the others
    were still measured.

    \b
    mmcompose bench vram vision-zoo
    mmcompose bench vram ocr chat --output-md vram.md --output-json vram.json
    """
    from mmcompose.bench.report.vram import page
    from mmcompose.bench.report.vram_advice import advice
    from mmcompose.bench.vram.patience import Patience
    from mmcompose.bench.vram.together import chosen, data_of, refuse_up, together
    from mmcompose.cli.shell.failing import docker

    outputs = {name: options.pop(name) for name in ("output_json", "output_md")}
    here = fresh(folder, profiles)
    names, plain = chosen(here.made.profiles, profiles), style == "text" and not any(outputs.values())
    if plain:
        with docker() as engine:
            refuse_up(engine, here.name, names)
    finished = _measured(here, names, Patience(**options), timeout)
    whole = together([one.report for one in finished])
    data, text = data_of(whole, finished), page(whole, advice(whole))
    for name, content in (("output_json", data), ("output_md", text)):
        if outputs[name]:
            _write(outputs[name], content)
    if plain and whole.results and all(one.refused for one in whole.results):
        fail("\n".join(dict.fromkeys(one.error for one in whole.results)))
    say(data.rstrip("\n") if style == "json" else text.rstrip("\n"))
    for one in finished:
        note(f"kept in {_shown(one.folder)}")
    failed = [one for one in whole.results if not one.ok]
    if failed:
        raise SystemExit(1 if all(one.refused for one in failed) else 4)


def _measured(here: AtHand, names: Sequence[str], patience: Patience, timeout: float) -> list[VramRun]:
    from mmcompose.bench.vram.running import VramJob, run
    from mmcompose.cli.shell.failing import docker
    from mmcompose.deploy.interruption import terminable
    from mmcompose.deploy.machine.gpu_memory import open_reader

    orders = [here.order(name, timeout) for name in names]
    reader = open_reader(sorted({card for order in orders for card in order.wanted.gpus}))
    _banner(reader, names)
    typed, ears, profiles = shlex.join(["mmcompose", *sys.argv[1:]]), _ears(), here.made.profiles
    with terminable(), docker() as engine:
        return [
            run(VramJob(engine, here.stack, order, profiles[name], reader, patience, typed), ears)
            for name, order in zip(names, orders, strict=True)
        ]


def _banner(reader: Reader, names: Sequence[str]) -> None:
    from mmcompose.bench.report.vram import mb
    from mmcompose.bench.vram.sampling import size, used

    cards = reader.read()
    note(f"{_RULE}\nVRAM Benchmark of {', '.join(names)}\n{_RULE}\n\nMeasuring baseline GPU memory...")
    total, baseline = size(cards), used(cards)
    note(f"  Total GPU Memory: {mb(total)}\n  Baseline VRAM: {mb(baseline)}")
    note(f"  Available: {mb(None if total is None or baseline is None else total - baseline)}")
    note(f"  not read: {reader.why}\n" if reader.source is None else f"  read by {reader.source}\n")


def _ears() -> Ears:
    from mmcompose.bench.report.vram import mb, seconds, shortened
    from mmcompose.bench.vram.running import Ears

    def begins(name: str) -> None:
        click.echo(f"  Loading {name}... ", nl=False, err=True)

    def done(one: Measured) -> None:
        begun = "" if not one.error or one.more.get("samples") is not None else f"  {one.name}: "
        note(f"OK ({seconds(one.load_s)}, {mb(one.actual_mb)})" if one.ok else f"{begun}FAIL: {shortened(one.error)}")

    def event(happened: Event) -> None:
        if happened.kind == "phase" and happened.phase == "image":
            note(f"  {happened.profile}: fetching its image")

    return Ears(begins, done, event)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        note(f"{path} cannot be written: {error.strerror}")
    else:
        note(f"Report saved to: {path}")


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
