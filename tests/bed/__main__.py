"""``python -m tests.bed up [--images …] [--models] [--gpus N] [--old] | status | down [--purge]``"""

from __future__ import annotations

import argparse
import shutil
import sys

from tests.bed import engine, gpusim, images, models, mounts, old_engine, place
from tests.bed.commands import BedError, step
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


def status(_: argparse.Namespace) -> None:
    there = engine.answers()
    print(f"bed        {place.home()}")
    print(f"engine     {engine.Engine('default').server_version() if there else 'none answers'}")
    print(f"started    {', '.join(engine.running()) or 'nothing'}")
    for name, recipe in RECIPES.items():
        have = there and images.is_current(engine.Engine("default"), recipe)
        print(f"{name:10} {recipe.tag} {'there' if have else 'missing'}")
    for path in sorted((place.home() / "models").glob("*.gguf")):
        print(f"model      {path}")


def down(chosen: argparse.Namespace) -> None:
    """Stop what the bed started and nothing else."""
    for name in engine.running():
        with step(f"engine {name} stopped"):
            engine.stop(name)
    if chosen.purge:
        for kept in (place.home(), place.short()):
            with step(f"{kept} removed"):
                mounts.let_go(kept)
                shutil.rmtree(kept)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m tests.bed", description="A Docker Engine, images and models for tests"
    )
    commands = top.add_subparsers(required=True, metavar="up|status|down")
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
    stopping.add_argument("--purge", action="store_true", help="and remove everything that the bed keeps")
    stopping.set_defaults(do=down)
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
