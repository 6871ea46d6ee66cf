"""`mmcompose hosts`: describes this machine as a host file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mmcompose.cli.printing.output import fail, note, say
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.groups import Helpful
from mmcompose.model.paths import of_host

if TYPE_CHECKING:
    from mmcompose.deploy.machine.hostfile import HostFile


@click.group("hosts", cls=Helpful)
def command() -> None:
    """Describe machines. `mmcompose list hosts` lists those that are described."""


@command.command("detect")
@click.argument("name", required=False, callback=named)
@click.option("--write", is_flag=True, help="Write profiles/hosts/NAME.yaml.")
@click.option("--force", is_flag=True, help="Overwrite the file when it exists.")
@click.pass_obj
def detect(folder: str, name: str | None, write: bool, force: bool) -> None:
    """Look at this machine and print its host file.

    This is the only command that looks at hardware. Rendering reads the file that it writes, so that the same
    profiles give the same compose files everywhere. Without NAME it gets the machine's own name.

    \b
    mmcompose hosts detect
    mmcompose hosts detect workstation --write
    """
    import platform

    from mmcompose.core.read.documents import NAME, NAME_FORM
    from mmcompose.deploy.machine import hardware, hostfile

    if force and not write:
        raise click.UsageError("--force belongs to --write")
    chosen = name or hostfile.name_from(platform.node())
    if not NAME.match(chosen):
        fail(f"{chosen!r} cannot be the name of a host: {NAME_FORM}", 2)
    root = _project(folder)
    if write and root is None:
        fail(f"no mmcompose.yaml in {folder} or above; `mmcompose init` makes one", 2)
    seen = hardware.look(owner_of=root)
    made = hostfile.write(seen, _schema(root))
    if not write or seen.system != "Linux":
        say(made.text.rstrip("\n"))
    for line in made.notes:
        note(f"note: {line}")
    if write and seen.system != "Linux":
        fail(f"{of_host(chosen)} was not written: correct the lines above and write it by hand")
    if write:
        assert root is not None
        _write(root, chosen, made, force)


def _project(folder: str) -> Path | None:
    """The project, if there is one: looking needs none, writing does."""
    from mmcompose.files.root import NoProject, find_root

    try:
        return find_root(Path(folder))
    except NoProject:
        return None


def _schema(root: Path | None) -> str | None:
    """The path of the project's JSON Schema of host files, relative to profiles/hosts/."""
    for path in ("profiles/.schema/host.schema.json", "mmcompose/core/schema/host.schema.json"):
        if root is not None and (root / path).is_file():
            return f"../{path.removeprefix('profiles/')}" if path.startswith("profiles/") else f"../../{path}"
    return None


def _write(root: Path, name: str, made: HostFile, force: bool) -> None:
    from mmcompose.files import whole
    from mmcompose.files.fence import Fence
    from mmcompose.files.write.one_writer import one_writer

    path = of_host(name)
    try:
        Fence(root).guard(path)
        with one_writer(root):
            whole.write(root / path, made.text, over=force)
    except FileExistsError:
        fail(f"{path} exists and was left as it is; compare it with `mmcompose hosts detect`, or add --force", 1)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", 4)
    note(f"wrote {path}")
    note(f"next: write `host: {name}` into mmcompose.yaml or a profile, then `mmcompose render`")
