"""Finds the profile that a person means: by its own name, or by its model; never a guess. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from mmcompose.core.hints import nearest
from mmcompose.model import Profile
from mmcompose.model.commands import in_family
from mmcompose.model.failure import Failure


def matching(profiles: Mapping[str, Profile], name_or_model: str, family: str | None = None) -> list[str]:
    """The profile of that name (`also_called:` counts), else all profiles with that model: by repository, model file
    or served name."""
    known = {name: profile for name, profile in profiles.items() if family is None or in_family(name, family)}
    called = [name for name, profile in known.items() if name_or_model in profile.names]
    if called:
        return called
    return sorted(name for name, profile in known.items() if name_or_model.lower() in models(profile))


def refuse_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """Refuses the first name that no profile has."""
    for name in names:
        if name not in known:
            raise Failure(f"no profile {name!r} ({nearest(name, known) or '`mmcompose list` shows them'})", 2)


def models(profile: Profile) -> set[str]:
    """All names of the models of a profile, in small letters."""
    return {
        name.lower()
        for service in profile.services.values()
        for name in (service.weights.repo, service.model, service.served_name)
        if name
    }


def listed(profiles: Mapping[str, Profile], names: Iterable[str]) -> list[str]:
    """One line per profile: its name, its model, its host."""
    rows = [(name, _serves(profiles[name]), profiles[name].host.name) for name in names]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [f"  {name:<{widths[0]}}  {model:<{widths[1]}}  on {host}" for name, model, host in rows]


def _serves(profile: Profile) -> str:
    named = (
        service.weights.repo or service.model or service.weights.path or service.served_name
        for service in profile.services.values()
    )
    return ", ".join(dict.fromkeys(name for name in named if name)) or "no model of its own"
