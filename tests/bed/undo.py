"""``make undo``: take back all that the bed brought to this machine, and ask before what cannot be made again."""

from __future__ import annotations

import filecmp
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from tests.bed import added, engine, labels, mounts, network, place, shell
from tests.bed.commands import BedError, step
from tests.bed.engine import Engine

OLD_LINK, OLD_PLUGINS = Path("/usr/local/bin/docker"), Path("/usr/libexec/docker/cli-plugins")
"""Where releases before put a link and copies."""
EMPTY = (OLD_PLUGINS, OLD_PLUGINS.parent, Path("/run/docker/plugins"), Path("/run/docker"))
"""Folders that an engine or a release before made; one that is not empty stays."""


def everything(*, with_volumes: bool = False) -> None:
    shell.enter()
    kept = [] if with_volumes or not (found := volumes()) or agreed(found) else found
    if "default" in engine.running():
        with step("containers and networks of the bed's engine removed"):
            clear(Engine("default"))
    elif engine.answers():
        take_images_back(Engine("default"))
    for name in engine.running():
        with step(f"engine {name} stopped"):
            engine.stop(name)
    network.restore()
    shell.forget()
    old_copies_back()
    went, stay = added.take_back()
    if went:
        print(f"packages removed: {' '.join(sorted(went))}")
    if stay:
        print(f"packages kept, since others need them: {' '.join(sorted(stay))}")
    remove(place.short())
    remove(place.home(), but=root() / "volumes" if kept else None)
    if kept:
        print(f"kept: the volumes {', '.join(kept)} in {root() / 'volumes'}; make demo finds them again,")
        print("and make undo ARGS=--volumes removes them too")
    print("undone: nothing else of what make set up outside this checkout is left; make clean empties the checkout")


def listed() -> list[str]:
    """What goes, before anything goes."""
    lines = ["This removes what make set up outside this checkout:"]
    if "default" in engine.running():
        names = Engine("default").docker("ps", "--all", "--format", "{{.Names}}").split()
        lines.append(f"  every container of its engine, whoever made it: {', '.join(sorted(names)) or 'there is none'}")
    lines += [f"  the engine {name}, with its images and networks" for name in engine.running()]
    lines += [f"  {folder}" for folder in (place.home(), place.short()) if folder.exists()]
    return [*lines, "  packages that it installed and nothing else needs"]


def wanted() -> bool:
    """Asked on a terminal only; without one a person has to say it beforehand."""
    return sys.stdin.isatty() and input("Go on? [y/N] ").strip().lower() in ("y", "yes")


def root() -> Path:
    return place.home() / "engines" / "default" / "root"


def volumes() -> list[str]:
    """Those with a name that somebody gave; the others belong to containers."""
    folder = root() / "volumes"
    names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return sorted(name for name in names if not (len(name) == 64 and set(name) <= set("0123456789abcdef")))


def agreed(found: list[str]) -> bool:
    """Asked on a terminal only: without one, volumes stay."""
    if not sys.stdin.isatty():
        return False
    print(f"Volumes hold what was loaded and stored, such as weights: {', '.join(found)}")
    return input("Remove them too? [y/N] ").strip().lower() in ("y", "yes")


def clear(ours: Engine) -> None:
    """So that their bridges and rules go before the engine does."""
    if containers := ours.docker("ps", "--all", "--quiet").split():
        ours.docker("rm", "--force", *containers)
    ours.docker("network", "prune", "--force")


def take_images_back(somebodys: Engine) -> None:
    """From an engine that is not the bed's: what was made or pulled here, unless a container needs it."""
    left = []
    for name in labels.brought(somebodys):
        try:
            somebodys.docker("image", "rm", name)
        except BedError:
            left.append(name)
    if left:
        print(f"images kept, since something needs them: {' '.join(left)}")


def old_copies_back() -> None:
    if OLD_LINK.is_symlink() and OLD_LINK.readlink().is_relative_to(place.home()):
        OLD_LINK.unlink()
    for ours in (shell.programs() / shell.PLUGINS).glob("docker-*"):
        copy = OLD_PLUGINS / ours.name
        if copy.is_file() and filecmp.cmp(ours, copy, shallow=False):
            copy.unlink()
    for folder in EMPTY:
        with suppress(OSError):
            folder.rmdir()


def remove(folder: Path, but: Path | None = None) -> None:
    mounts.let_go(folder)
    if but is None:
        with step(f"{folder} removed"):
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise BedError(
                    f"{error.filename}: {error.strerror}; is something at work there? Call it again"
                ) from error
        return
    for path in folder.iterdir():
        if path == but:
            continue
        if path.is_dir() and not path.is_symlink():
            if but.is_relative_to(path):
                remove(path, but)
            else:
                shutil.rmtree(path)
        else:
            path.unlink()
