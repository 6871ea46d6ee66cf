"""Finds the profile that a person means, and asks if several fit."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from typing import NoReturn

import click

from mmcompose.cli.printing.output import fail, note
from mmcompose.model import Profile


def chosen(profiles: Mapping[str, Profile], name_or_model: str, family: str | None = None) -> str:
    """The profile by its name or its model. Asks if several fit, and never guesses."""
    from mmcompose.deploy.pick import matching

    found = matching(profiles, name_or_model, family)
    if not found:
        _nothing(profiles, name_or_model, family)
    if len(found) == 1:
        return found[0]
    return _chosen_by_person(profiles, found, f"{name_or_model} is served by {len(found)} profiles:")


def _nothing(profiles: Mapping[str, Profile], name_or_model: str, family: str | None) -> NoReturn:
    from mmcompose.deploy.pick import listed, models
    from mmcompose.engines.flags.nearest import did_you_mean
    from mmcompose.model.commands import in_family

    candidates = sorted(name for name in profiles if family is None or in_family(name, family))
    names = {*candidates, *(model for name in candidates for model in models(profiles[name]))}
    hint = did_you_mean(name_or_model, names)
    none = "none: `mmcompose init` adds the shipped ones"
    if family and profiles:
        none = f"none with the name {family} or {family}-…; `mmcompose list` shows the others"
    shown = "\n".join(listed(profiles, candidates)) or f"  {none}"
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
