"""`mmcompose upgrade`: shows the changes of another engine release, before anything is pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.printing.output import fail, note, say, say_json
from mmcompose.cli.printing.table import wrapped
from mmcompose.cli.shell.here import compiled, profile_or_fail, root
from mmcompose.cli.shell.options import profile_argument, text_or_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmcompose.core.edit.upgrading import Move
    from mmcompose.core.pipeline import Compilation
    from mmcompose.model import Profile


@click.command("upgrade")
@profile_argument
@click.option("--to", "to", metavar="VERSION", help="The release to move to; without it the newest that is known.")
@click.option("--write", "writing", is_flag=True, help="Edit the profiles, comments kept; `render` comes after.")
@text_or_json
@click.pass_obj
def command(folder: str, /, profile: str, to: str | None, writing: bool, style: str) -> None:
    """Show what moving PROFILE (or all profiles of an engine, by its backend's name) to another release means.
    Without --to: to the newest release that mmcompose knows.

    Exit code 1: something would break that `--write` cannot repair.

    \b
    mmcompose upgrade ocr                           # what is newest, and what it would break
    mmcompose upgrade ocr --to 0.33.0
    mmcompose upgrade vllm --to 0.33.0 --write
    """
    from mmcompose.core.edit.upgrading import moves

    if writing and not to:
        fail("--write needs --to VERSION: read first what the newest release would break", 2)
    made = compiled(folder)
    several = [p for p in made.profiles.values() if any(s.backend == profile for s in p.services.values())]
    subjects = several if several and profile not in made.profiles else [profile_or_fail(made, profile)]
    own = {name: layer.root for name, layer in made.documents.of("profile").items()}
    found_of = [moves(one, own[one.name], to, made.given.histories, made.tried) for one in subjects]
    moved = list(zip(subjects, found_of, strict=True))
    if not any(found for _, found in moved):
        lacks = f", or none that has a release {to!r}" if to is not None else ""
        fail(f"{profile} has no engine whose flags are known{lacks}", 2)
    if style == "json":
        say_json([_as_data(subject, move) for subject, found in moved for move in found])
    else:
        for subject, found in moved:
            for move in found:
                _show(subject, move)
    if writing:
        _write(folder, made, moved)
    if any(move.breaks for _, found in moved for move in found):
        raise SystemExit(1)


def _write(folder: str, made: Compilation, moves: Sequence[tuple[Profile, list[Move]]]) -> None:
    """Edits the files, with their comments kept; each whole or not at all."""
    from mmcompose.core.edit.in_place import CannotEdit
    from mmcompose.core.edit.upgrading import doubtful, rewritten
    from mmcompose.files import whole
    from mmcompose.files.write.one_writer import one_writer
    from mmcompose.model import dotted

    for subject, found in moves:
        place = root(folder) / subject.file
        rewrites = [rewrite for move in found for rewrite in move.rewrites]
        if not rewrites:
            note(f"{subject.file} is left as it is")
            continue
        try:
            with one_writer(root(folder)):
                whole.replace(place, rewritten(place.read_bytes().decode("utf-8"), rewrites))
        except CannotEdit as cannot:
            fail(f"{subject.file} is left as it is: {cannot}", 4)
        except OSError as error:
            fail(f"{subject.file} is left as it is, it cannot be written: {error.strerror}", 4)
        note(f"edited {subject.file}")
        for path, reason in doubtful(made.documents.of("profile")[subject.name].root, rewrites):
            note(f"{reason.place}: {dotted(path)}: does this reason still hold? {reason.value!r}")
    note("next: mmcompose render; until then `up` refuses what is out of date")


def _show(subject: Profile, move: Move) -> None:
    from mmcompose.model import dotted

    tree = subject.settings[move.service]
    say(f"{subject.name}: {subject.engines[move.service].title} {move.old or '(no release)'} to {move.new}")
    if move.old == move.new:
        say("  is the newest release that mmcompose knows")
        return
    if not move.changes:
        say("  nothing changes for its arguments")
    for change in move.changes:
        at = tree.nearest(change.setting or (("args", *change.path) if change.path else ("version",))).place
        name = dotted(change.setting) or ".".join(map(str, change.path)) or "version"
        hint = f" ({change.hint})" if change.hint else ""
        where = f"  {at}" if change.kind in ("breaks", "renamed", "deprecated") else ""
        kind: str = change.kind
        if kind == "breaks" and change.edit is not None:
            kind = "rewritten" if change.edit.path else "dropped"
        elif kind == "breaks" and change.writes:
            kind = "rewritten"
        say(wrapped(f"  {kind:<10} {name}: {change.message}{hint}{where}", " " * 13))


def _as_data(subject: Profile, move: Move) -> dict[str, Any]:
    return {
        "profile": subject.name,
        "service": move.service,
        "from": move.old,
        "to": move.new,
        "changes": [
            {
                "path": list(c.path),
                "kind": c.kind,
                "message": c.message,
                "hint": c.hint,
                "setting": list(c.setting),
                "mended": c.edit is not None or bool(c.writes),
            }
            for c in move.changes
        ],
    }
