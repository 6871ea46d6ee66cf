"""`mmcompose bench promote`: what a run found, written into the profile."""

from __future__ import annotations

import click

from mmcompose.cli.printing.output import fail, note, say
from mmcompose.cli.shell.here import compiled, profile_or_fail, root
from mmcompose.cli.shell.here import runs as runs_of
from mmcompose.cli.shell.options import run_argument
from mmcompose.model.paths import of_profile


def _stale(text: str, written: set[tuple[str, ...]]) -> list[tuple[tuple[str, ...], None]]:
    """What an earlier run found and this one did not; null removes it."""
    from mmcompose.core.read.load import load_text

    tree, _ = load_text("profile", "", text)
    old = tree.at(("envelope",)) if tree else None
    if old is None or not isinstance(old.value, dict) or ("envelope", "kind") not in written:
        return []
    return [(("envelope", name), None) for name in old.value if ("envelope", name) not in written]


@click.command("promote")
@run_argument
@click.option("--dry-run", is_flag=True, help="Show the change and write nothing.")
@click.option("--force", is_flag=True, help="Let levels count at which the client itself was late.")
@click.pass_obj
def command(folder: str, /, run: str, dry_run: bool, force: bool) -> None:
    """Write into the profile how far RUN showed it to go: `envelope:`; from a run of vram the memory that it
    really takes: `gpu.vram`, or each model's `vram_mb` in a zoo.

    Comments are kept. `render` warns when the image has moved since. What speaks against the levels that the figures
    rest on is told; where the client itself was late there (client_saturated, client_starved), nothing is written.

    \b
    mmcompose bench promote latest --dry-run
    """
    from mmcompose.bench.promote import edits
    from mmcompose.bench.results.envelope import doubts
    from mmcompose.core.edit.in_place import edit
    from mmcompose.files import whole
    from mmcompose.files.write.artifacts import FileChange
    from mmcompose.files.write.one_writer import one_writer
    from mmcompose.files.write.show import diff_of

    record = runs_of(folder).one(run)
    name = str((record.result.get("target") or {}).get("profile") or "")
    try:
        wanted = edits(record, several=False, force=force)
        profile = profile_or_fail(compiled(folder), name)
        if list(profile.services) != [name]:
            wanted = edits(record, several=True, force=force)
        place = root(folder) / profile.file
        before = place.read_bytes().decode("utf-8")
        after = before
        for path, value in [*wanted, *_stale(before, {path for path, _ in wanted})]:
            after = edit(after, path, value)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{of_profile(name)} cannot be read: {error}", 4)
    for doubt in doubts(record, force=force):
        note(f"warning: {doubt}")
    if after == before:
        note("the profile says so already")
        return
    say(diff_of(FileChange(profile.file, "update", "", before, after)).rstrip("\n"))
    if dry_run:
        return
    try:
        with one_writer(root(folder)):
            whole.replace(place, after)
    except OSError as error:
        fail(f"{profile.file} cannot be written: {error.strerror}", 4)
    note(f"wrote {profile.file}; `mmcompose render` brings the compose files up to date")
