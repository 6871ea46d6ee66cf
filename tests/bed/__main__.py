"""``python -m tests.bed up [--images …] [--models] [--gpus N] [--old] | ready | env | status | down | undo``"""

from __future__ import annotations

import argparse
import sys

from tests.bed import engine, gpusim, images, models, old_engine, place, shell, undo
from tests.bed.commands import BedError, NotHereError, step
from tests.bed.recipes import BUILT, RECIPES

IMAGES = ", ".join((*RECIPES, *BUILT))


def up(chosen: argparse.Namespace) -> None:
    with step("the whole set-up"):
        first = engine.ensure()
        wanted = [name for name in chosen.images.split(",") if name]
        images.ensure(first, [name for name in wanted if name in RECIPES])
        images.ensure_built(first, [name for name in wanted if name in BUILT])
        if chosen.models:
            models.tiny_gguf()
            models.smollm2()
        if chosen.gpus:
            gpusim.ensure(chosen.gpus)
        if chosen.old:
            old_engine.ensure()


def ready(_: argparse.Namespace) -> None:
    """Before tests run side by side: what they need is told and set up once, where it may be."""
    try:
        engine.ensure()
    except NotHereError as missing:
        print(f"tests that need Docker will be skipped: {missing}")


def env(_: argparse.Namespace) -> None:
    """For ``eval``: the line that gives a shell mmcompose, docker, its plugins and the bed's engine."""
    shell.enter()
    print(shell.line())


def take_back(chosen: argparse.Namespace) -> None:
    shell.enter()
    print("\n".join(undo.listed()))
    if not (chosen.yes or undo.wanted()):
        raise BedError("nothing was removed; where nobody can be asked, say it beforehand: make undo ARGS=--yes")
    undo.everything(with_volumes=chosen.volumes)


def status(_: argparse.Namespace) -> None:
    shell.enter()
    there = engine.answers()
    print(f"bed        {place.home()}")
    print(f"engine     {engine.Engine('default').server_version() if there else 'none answers'}")
    print(f"started    {', '.join(engine.running()) or 'nothing'}")
    for name, recipe in RECIPES.items():
        have = there and images.is_current(engine.Engine("default"), recipe)
        print(f"{name:10} {recipe.tag} {'there' if have else 'missing'}")
    for path in sorted((place.home() / "models").glob("*.gguf")):
        print(f"model      {path}")


def down(_: argparse.Namespace) -> None:
    """Stop what the bed started and nothing else."""
    for name in engine.running():
        with step(f"engine {name} stopped"):
            engine.stop(name)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m tests.bed", description="A Docker Engine, images and models for tests"
    )
    commands = top.add_subparsers(required=True, metavar="up|ready|env|status|down|undo")
    setting_up = commands.add_parser("up", help="set up what is missing")
    setting_up.add_argument(
        "--images",
        default=",".join(RECIPES),
        help=f"any of {IMAGES}; by default those made of packages",
    )
    setting_up.add_argument("--models", action="store_true", help="also the models")
    setting_up.add_argument("--gpus", type=int, default=0, metavar="N", help="also an engine with N simulated GPUs")
    setting_up.add_argument("--old", action="store_true", help="also an engine of the oldest promised version")
    setting_up.set_defaults(do=up)
    commands.add_parser("status", help="say what is there").set_defaults(do=status)
    stopping = commands.add_parser("down", help="stop the engines that the bed started")
    stopping.set_defaults(do=down)
    commands.add_parser("ready", help="before tests: an engine, where one may be had").set_defaults(do=ready)
    commands.add_parser("env", help="print what a shell needs to meet the bed's engine").set_defaults(do=env)
    undoing = commands.add_parser("undo", help="remove everything that the bed brought to this machine")
    undoing.add_argument("--yes", action="store_true", help="without asking whether to begin")
    undoing.add_argument("--volumes", action="store_true", help="volumes too, without asking")
    undoing.set_defaults(do=take_back)
    return top


def main(arguments: list[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    unknown = {name for name in getattr(chosen, "images", "").split(",") if name} - {*RECIPES, *BUILT}
    if unknown:
        print(
            f"no image is called {', '.join(sorted(unknown))}; there are {IMAGES}",
            file=sys.stderr,
        )
        return 2
    try:
        chosen.do(chosen)
    except BedError as problem:
        print(problem, file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
