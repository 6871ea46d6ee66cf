"""`mmcompose models lock`: pins models to a commit, with the hash of every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mmcompose.cli.models.options import all_of_them, names_of_models, on_docker
from mmcompose.cli.printing.output import note
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import text_or_json

if TYPE_CHECKING:
    from mmcompose.deploy.models.needs import Needed


@click.command("lock", cls=EventCommand)
@names_of_models
@all_of_them
@text_or_json
@click.pass_obj
@on_docker
def command(folder: str, /, names: tuple[str, ...], every: bool, style: str) -> None:
    """Ask the hub at which commit NAMES, which are models or profiles, are now. Write it as `weights.revision` into the
    file of each model, and the size and hash of every file into `profiles/models/<model>.lock.yaml` beside it. Review
    and commit both; `fetch` and `verify` hold every file against them.

    \b
    mmcompose models lock ocr
    mmcompose render
    """
    from mmcompose.cli.models.at_hand import ModelsAtHand
    from mmcompose.cli.models.job import shown
    from mmcompose.core.edit.in_place import edit
    from mmcompose.deploy.models import locks, store
    from mmcompose.files import whole
    from mmcompose.files.write.one_writer import one_writer
    from mmcompose.model.failure import Failure

    here = ModelsAtHand(folder)
    for one in here.needs(names, every=every):
        if "--url" in one.options:
            note(f"{one.name} is pinned by weights.sha256 already")
            continue
        if one.further:
            note(f"{one.name} is named by arguments alone, and stays at the branch {one.revision}")
            continue
        place = here.root / f"profiles/models/{one.model}.yaml"
        if not one.model or not place.is_file():
            raise Failure(_no_file(one), 2)
        token = here.token(one)
        events = store.run(here.engine, here.store(one), "lock", one.options, writes=False, online=True, token=token)
        found = shown(events, style, one.name)
        with one_writer(here.root):
            changed = locks.write(here.root, one.model, found)
            before = place.read_bytes().decode("utf-8")
            after = edit(before, ("weights", "revision"), found["commit"])
            if after != before:
                whole.replace(place, after)
        what = "is pinned to" if changed or after != before else "stays at"
        note(f"{one.name} {what} {found['commit']}, {len(found['files'])} files")
    note("next: mmcompose render")


def _no_file(one: Needed) -> str:
    """Why there is no file to write the commit into, and what to do first."""
    from mmcompose.core.hints import listing
    from mmcompose.files.gather import shipped

    if one.model:
        file = f"profiles/models/{one.model}.yaml"
        return f"{one.model} comes with mmcompose; to lock it, copy {shipped.root() / file} to {file} of this project"
    where = f"write its weights into profiles/models/NAME.yaml, and `model: NAME` into {listing(one.profiles)}"
    return f"{one.repository} has no file of a model, which a lock needs: {where}"
