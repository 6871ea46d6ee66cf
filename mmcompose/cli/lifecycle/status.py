"""`mmcompose status`: shows the profiles that are up, their addresses for clients, and their GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from mmcompose.cli.printing.output import fail, note, say, say_json
from mmcompose.cli.printing.table import table, wrapped
from mmcompose.cli.printing.watching import watching
from mmcompose.cli.shell.failing import docker
from mmcompose.cli.shell.here import compiled, root
from mmcompose.cli.shell.options import profiles_argument, text_or_json
from mmcompose.core.columns import Fit
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Collection

    from mmcompose.core.pipeline import Compilation
    from mmcompose.deploy.glances import Answered
    from mmcompose.deploy.status import ProfileStatus

_HEADERS = ("PROFILE", "PHASE", "MODEL", "URL", "MEMORY", "AGE", "GPU", "PORTS", "STARTED BY", "IMAGE")
_FIT = Fit(
    least=("IMAGE", "STARTED BY", "PORTS", "GPU"),
    brief={"PHASE": lambda text: text.partition(",")[0], "URL": lambda text: text.replace("http://", "")},
    whole=("URL", "MEMORY", "AGE", "PHASE"),
)


@click.command("status")
@profiles_argument
@click.option("--check", is_flag=True, help="Exit with 1 if a running profile differs from its committed file.")
@click.option("-w", "--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
@text_or_json
@click.pass_obj
def command(folder: str, profiles: tuple[str, ...], check: bool, watch: bool, style: str) -> None:
    """Show PROFILES, or all: the phase of each, its address for clients, its GPUs, and whether it matches its file.

    \b
    mmcompose status
    mmcompose status ocr chat
    mmcompose status --watch
    """
    if watch:
        if check or style == "json":
            fail("--watch shows tables until Ctrl-C: leave out --check and --format json", 2)
        answered: Answered = {}
        watching(lambda: _page(folder, profiles, answered))
        return
    seen = _look(folder, profiles, {})
    if style == "json":
        say_json([row.data() for row in seen.rows])
    else:
        say(_table(seen))
    for line in seen.notes[: None if style == "text" else seen.broken]:
        note(line)
    if check and any(row.drift for row in seen.rows):
        raise SystemExit(1)


def _named(rows: list[ProfileStatus], project: str, names: Collection[str], made: Compilation) -> list[ProfileStatus]:
    """The rows of these names; a name may be an alias, or that of a running profile without a file."""
    from mmcompose.deploy.pick import refuse_unknown

    own = [row for row in rows if row.project == project]
    known = {alias: name for name, profile in made.profiles.items() for alias in profile.names}
    wanted = {known.get(name, name) for name in names}
    refuse_unknown(sorted(wanted - {row.profile for row in own}), made.documents.names("profile"))
    return [row for row in own if row.profile in wanted]


class _Seen(NamedTuple):
    """The rows and notes of one look. The first `broken` notes are about files, the others about containers."""

    project: str
    rows: list[ProfileStatus]
    notes: list[str]
    broken: int


def _look(folder: str, profiles: Collection[str], answered: Answered) -> _Seen:
    """One look. With broken profiles it shows only the containers. It shows other projects' profiles if no name is
    typed."""
    from mmcompose.files.gather.settings import project_name

    place = root(folder)
    name = project_name(place)
    with docker() as engine:
        from mmcompose.deploy import status

        made = compiled(folder)
        rows = status.rows(engine, place, name, made.stack, answered)
        unfinished = status.unfinished(engine)
    if profiles:
        rows = _named(rows, name, profiles, made)
    broken = ["some files have problems, see `mmcompose validate`"] if made.documents.problems else []
    notes = [one_line(f"{_called(row, name)}: {reason}") for row in rows for reason in (*row.notes, *row.drift)]
    notes += [one_line(f"hand-over: {unfinished}")] if unfinished else []
    return _Seen(name, rows, [*broken, *notes], len(broken))


def _page(folder: str, profiles: Collection[str], answered: Answered) -> list[str]:
    seen = _look(folder, profiles, answered)
    lines = [_table(seen), *(wrapped(line, "  ") for line in seen.notes)]
    return [line for part in lines for line in part.split("\n")]


def _table(seen: _Seen) -> str:
    return table([_cells(row, seen.project) for row in seen.rows], _HEADERS, _FIT)


def _cells(row: ProfileStatus, project: str) -> tuple[str, ...]:
    from mmcompose.deploy.moments import age
    from mmcompose.deploy.status import restarted

    images = ", ".join(f"{one.name}@{one.digest[:19]}" if one.digest else one.name for one in row.images)
    shown = (
        f"{row.phase}, {restarted(row.restarts)}"
        if row.restarts and row.phase not in ("stopped", "down")
        else row.phase
    )
    return (
        _called(row, project),
        shown,
        ", ".join(row.models),
        ", ".join(row.urls),
        _memory(row),
        age(row.since),
        ",".join(f"#{gpu}" if gpu.isdecimal() else gpu for gpu in row.gpus),
        ",".join(map(str, row.ports)),
        row.started_by,
        images,
    )


def _called(row: ProfileStatus, project: str) -> str:
    return row.profile if row.project == project else f"{row.project}/{row.profile}"


def _memory(row: ProfileStatus) -> str:
    """`0.8/19.5 GiB`: both in the unit of the limit."""
    from mmcompose.core.sizes import spoken, spoken_of

    if row.memory is None:
        return ""
    return spoken(row.memory) if row.memory_limit is None else spoken_of(row.memory, row.memory_limit)
