"""Finds the profile that a person means, and asks if several fit."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from mmcompose.cli.printing.output import fail, note
from mmcompose.model import Profile

if TYPE_CHECKING:
    from mmcompose.core.pipeline import Compilation


def chosen(profiles: Mapping[str, Profile], name_or_model: str, family: str | None = None) -> str:
    """The profile by its name or its model. Asks if several fit, and never guesses."""
    from mmcompose.deploy.pick import matching

    found = matching(profiles, name_or_model, family)
    if not found:
        _nothing(profiles, name_or_model, family, ())
    if len(found) == 1:
        return found[0]
    return _chosen_by_person(profiles, found, f"{name_or_model} is served by {len(found)} profiles:")


def refuse_unknown(made: Compilation, name_or_model: str, family: str | None = None) -> None:
    """Refuses a name that no profile has and no file of a profile or a model mentions, whatever else is wrong."""
    from mmcompose.core.read.documents import kind_of
    from mmcompose.deploy.pick import matching

    names = made.documents.names("profile")
    if made.project is None or name_or_model in names or matching(made.profiles, name_or_model, family):
        return
    mention = re.compile(rf"(?<![\w.-]){re.escape(name_or_model)}(?![\w-])", re.IGNORECASE)
    for source in made.given.sources:
        kind, name = kind_of(source.path) or ("", "")
        if kind == "model" and name == name_or_model:
            return
        if kind in ("profile", "model") and mention.search(source.data.decode("utf-8", "replace")):
            return
    _nothing(made.profiles, name_or_model, family, names - made.profiles.keys())


def _nothing(
    profiles: Mapping[str, Profile], name_or_model: str, family: str | None, broken: Collection[str]
) -> NoReturn:
    from mmcompose.deploy.pick import listed, models
    from mmcompose.engines.flags.nearest import did_you_mean
    from mmcompose.model.commands import in_family

    candidates, faulty = (
        sorted(name for name in names if family is None or in_family(name, family)) for names in (profiles, broken)
    )
    names = {*candidates, *faulty, *(model for name in candidates for model in models(profiles[name]))}
    hint = did_you_mean(name_or_model, names)
    none = "none: `mmcompose init` adds the shipped ones"
    if family and profiles:
        none = f"none with the name {family} or {family}-…; `mmcompose list` shows the others"
    lines = [*listed(profiles, candidates), *(f"  {name}: has problems, see `mmcompose validate`" for name in faulty)]
    shown = "\n".join(lines) or f"  {none}"
    if family == name_or_model and candidates:
        shown += "".join(f"\nnext: mmcompose switch {name}" for name in candidates)
    fail(f"no profile is called {name_or_model!r} or serves it{f' ({hint})' if hint else ''}. There are:\n{shown}", 2)


def _chosen_by_person(profiles: Mapping[str, Profile], found: Sequence[str], why: str) -> str:
    from mmcompose.deploy.pick import listed

    shown = "\n".join([why, *listed(profiles, found)])
    if not sys.stdin.isatty():
        fail(f"{shown}\nname one of them", 2)
    click.echo(shown, err=True)
    answer: str = click.prompt("Which one", type=click.Choice(list(found)), err=True)
    return answer


def several_of(names: Collection[str], verb: str, otherwise: str) -> tuple[str, ...]:
    """Asks on a terminal which of these a person means; elsewhere refuses."""
    if not names:
        note(f"there is nothing to {verb}: no profile is up")
        return ()
    listed = ", ".join(sorted(names))
    if not sys.stdin.isatty():
        fail(f"name a profile to {verb}: {listed}; {otherwise}", 2)
    answer: str = click.prompt(f"Which to {verb} ({listed}, or all)", err=True)
    chosen = tuple(answer.replace(",", " ").split())
    return tuple(sorted(names)) if chosen == ("all",) else chosen
