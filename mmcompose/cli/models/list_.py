"""`mmcompose models list`: the models, who uses them, and what lies in the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.models.options import on_docker
from mmcompose.cli.printing.output import note, say, say_json
from mmcompose.cli.printing.table import table
from mmcompose.cli.shell.options import text_or_json
from mmcompose.core.columns import Fit
from mmcompose.core.sizes import spoken

if TYPE_CHECKING:
    from mmcompose.cli.models.at_hand import ModelsAtHand
    from mmcompose.deploy.models.needs import Needed
    from mmcompose.deploy.models.store import Store

_HEADERS = ["MODEL", "REPOSITORY", "REVISION", "SIZE", "LICENCE", "PROFILES", "HERE"]


@click.command("list")
@text_or_json
@click.pass_obj
@on_docker
def command(folder: str, /, style: str) -> None:
    """List the models of the project's profiles, and what lies in the store beside them.

    \b
    mmcompose models list
    mmcompose models list --format json
    """
    from mmcompose.cli.models.at_hand import ModelsAtHand
    from mmcompose.deploy.models import needs

    here = ModelsAtHand(folder)
    where = here.store()
    there = inventory(here, where)
    rows = [_row(here.made.documents.of("model"), one, there) for one in needs.of_profiles(here.made)]
    others = unused(here, there)
    if style == "json":
        say_json({"store": where.source, "models": rows, "unused": others, "free": there["free"]})
        return
    cells = [[_cell(row[header.lower()]) for header in _HEADERS] for row in rows]
    say(table(cells, _HEADERS, Fit(("LICENCE", "REVISION", "PROFILES"), below=True)))
    for other in others:
        say(f"no profile uses {other['repository']}, {spoken(other['bytes'])}")
    note(f"the store is {where.shown}; {spoken(there['free'])} are free there")


def _row(models: Mapping[str, Any], one: Needed, there: Mapping[str, Any]) -> dict[str, Any]:
    about = models[one.model].root if one.model in models else None
    licence = about.present(("licence",)) if about is not None else None
    fetched = [
        each for repo in there["repositories"] if repo["repository"] == one.repository for each in repo["fetched"]
    ]
    fetched += [
        {**each, "revision": one.revision, "commit": None} for each in there["urls"] if each["sha256"] in one.options
    ]
    here = next((each for each in fetched if each["revision"] == one.revision), None)
    return {
        "model": one.model or None,
        "repository": one.repository,
        "revision": one.revision,
        "size": one.size or None,
        "licence": licence.value if licence is not None else None,
        "profiles": list(one.profiles),
        "here": spoken(here["bytes"]) if here else None,
        "commit": here["commit"] if here else None,
    }


def inventory(here: ModelsAtHand, where: Store) -> dict[str, Any]:
    from mmcompose.deploy.models import store

    return list(store.run(here.engine, where, "list", (), writes=False))[-1]


def unused(here: ModelsAtHand, there: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The repositories in the store that no profile uses."""
    from mmcompose.deploy.models import needs

    return _others(needs.repositories(here.made), there)


def _others(used: Collection[str], there: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"repository": repo["repository"], "type": repo["type"], "bytes": repo["bytes"]}
        for repo in there["repositories"]
        if repo["repository"] not in used
    ]


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "-" if value is None else str(value)
