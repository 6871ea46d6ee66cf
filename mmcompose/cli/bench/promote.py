"""`mmcompose bench promote`: writes the results of a run into the profile."""

from __future__ import annotations

import click

from mmcompose.cli.printing.output import fail, note, say, writing
from mmcompose.cli.shell.here import compiled, profile_or_fail, root
from mmcompose.cli.shell.here import runs as runs_of
from mmcompose.cli.shell.options import run_argument
from mmcompose.model.paths import of_profile


@click.command("promote")
@run_argument
@click.option("--dry-run", is_flag=True, help="Show the change and write nothing.")
@click.option("--force", is_flag=True, help="Include levels at which the client could not keep up.")
@click.pass_obj
def command(folder: str, /, run: str, dry_run: bool, force: bool) -> None:
    """Write into the profile the limits that RUN measured: `envelope:`; from a run of vram the memory that it
    really takes: `gpu.vram`, or each model's `vram_mb` in a zoo.

    Comments are kept. `render` warns when the image has changed since. Doubts about the levels behind these figures
    are printed; if the client itself was late there (client_saturated, client_starved), nothing is written.

    \b
    mmcompose bench promote latest --dry-run
    """
    from mmcompose.bench.promote import edits, promoted
    from mmcompose.bench.results.envelope import doubts
    from mmcompose.files import whole
    from mmcompose.files.write.artifacts import FileChange
    from mmcompose.files.write.one_writer import one_writer
    from mmcompose.files.write.show import diff_of

    record = runs_of(folder).one(run)
    name = str((record.result.get("target") or {}).get("profile") or "")
    try:
        edits(record, several=False, force=force)  # what cannot be promoted is refused whatever the profile is like
        profile = profile_or_fail(compiled(folder), name)
        place = root(folder) / profile.file
        before = place.read_bytes().decode("utf-8")
        after = promoted(before, edits(record, list(profile.services) != [name], force=force))
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{of_profile(name)} cannot be read: {error}", 4)
    for doubt in doubts(record, force=force):
        note(f"warning: {doubt}")
    if after == before:
        note("the profile has these values already")
        return
    say(diff_of(FileChange(profile.file, "update", "", before, after)).rstrip("\n"))
    if dry_run:
        return
    with writing(profile.file), one_writer(root(folder)):
        whole.replace(place, after)
    note(f"wrote {profile.file}; `mmcompose render` brings the compose files up to date")
