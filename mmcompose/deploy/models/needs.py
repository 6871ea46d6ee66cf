"""Tells what the store must hold for models and profiles, by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmcompose.core.hints import nearest
from mmcompose.core.pipeline import Compilation
from mmcompose.core.place import supplies
from mmcompose.core.resolve import bind
from mmcompose.core.resolve.layers import NOT_OF_A_SERVICE, without
from mmcompose.model import Engine, Machine, Profile, Service, Supply
from mmcompose.model.failure import Failure

_NO_ENGINE = Engine("", "", supply=Supply())


class Needed(NamedTuple):
    """One part of a repository. `options` name it to the program that fetches, `model` and `profiles` are those that
    need it, and `caches` are the volumes into which engines fetched it before."""

    repository: str
    revision: str
    options: tuple[str, ...]
    model: str = ""
    profiles: tuple[str, ...] = ()
    token: str = ""
    caches: tuple[str, ...] = ()
    size: str = ""
    machine: Machine | None = None
    """The host on which its profiles run; None for a model without profiles."""
    further: bool = False
    """Whether only arguments name it, as they do a tokenizer's or a draft model's repository."""

    @property
    def name(self) -> str:
        return self.model or self.repository


def of_profiles(made: Compilation) -> list[Needed]:
    """Everything that the profiles of a project read from the store."""
    found: dict[tuple[str, ...], Needed] = {}
    for profile in made.profiles.values():
        for one in _of_profile(made, profile):
            there = found.get(one.options)
            found[one.options] = one if there is None else _together(there, one)
    return list(found.values())


def repositories(made: Compilation) -> set[str]:
    """The repositories that profiles read from the store, those of tokenizers and draft models too."""
    return {one.repository for one in of_profiles(made)}


def of_names(made: Compilation, names: Sequence[str]) -> list[Needed]:
    """The needs of these profiles and models. A name of both means the profile."""
    every = of_profiles(made)
    found: dict[tuple[str, ...], Needed] = {}
    for name in names:
        mine = [one for one in every if name in (*one.profiles, one.model)] or _of_model(made, name)
        if not mine:
            raise Failure(_nothing(made, name), 2)
        found |= {one.options: one for one in mine}
    return list(found.values())


def machine(made: Compilation) -> Machine:
    """The host that mmcompose.yaml names, else that of the first profile."""
    assert made.project is not None
    layer = made.documents.known("host").get(made.project.host)
    if layer is not None:
        return bind.machine(made.project.host, layer.root)
    if made.profiles:
        return next(iter(made.profiles.values())).host
    raise Failure("no host is known: write `host: NAME` into mmcompose.yaml", 2)


def _of_profile(made: Compilation, profile: Profile) -> Iterator[Needed]:
    assert made.project is not None
    for key, service in profile.services.items():
        engine = profile.engines[key]
        if not supplies.reads_store(service):
            continue
        former = engine.supply.former if engine.supply else None
        kept = made.project.docker_name(f"{profile.compose_name(key)}-{former}")
        caches = (kept,) if former in service.caches else ()
        own = _needed(service, engine, (profile.name,), caches)._replace(machine=profile.host)
        yield own
        for name in supplies.further(service, engine):
            options = ("--repo", name)
            yield own._replace(
                repository=name, revision=supplies.DEFAULT, options=options, model="", size="", further=True
            )


def _of_model(made: Compilation, name: str) -> list[Needed]:
    """A model that no profile uses yet, for the engine that usually serves its format."""
    layer = made.documents.of("model").get(name)
    if layer is None:
        return []
    service = bind.service(without(layer.root, NOT_OF_A_SERVICE["model"]))
    if not (service.weights.repo or service.weights.url) or service.weights.path:
        return []
    engines = [bind.engine(each, backend.root) for each, backend in made.documents.known("backend").items()]
    able = [one for one in engines if one.supply and service.weights.format in one.default_for]
    return [_needed(service._replace(model=name), able[0] if able else _NO_ENGINE, (), ())]


def _needed(service: Service, engine: Engine, profiles: tuple[str, ...], caches: tuple[str, ...]) -> Needed:
    weights = service.weights
    token = next(iter(supplies.token(service).values()), None)
    return Needed(
        weights.repo or weights.url or "",
        weights.revision or supplies.DEFAULT,
        tuple(supplies.part(service, engine)),
        service.model or "",
        profiles,
        token.file if token else "",
        caches,
        weights.size or "",
    )


def _together(one: Needed, other: Needed) -> Needed:
    profiles, caches = (*one.profiles, *other.profiles), (*one.caches, *other.caches)
    return one._replace(profiles=profiles, caches=caches, token=one.token or other.token)


def _nothing(made: Compilation, name: str) -> str:
    profiles, models = made.documents.names("profile"), made.documents.names("model")
    mine = made.profiles.get(name)
    if mine and any(service.weights.repo and service.weights.fetch == "engine" for service in mine.services.values()):
        hint = f"`mmcompose explain {name} weights.fetch` shows why"
        return f"the engine of {name} fetches its weights into its own cache: nothing of it lies in the store ({hint})"
    if name in profiles or name in models:
        return f"{name} has no weights in a repository: nothing of it lies in the store"
    return f"there is no model and no profile {name!r} ({nearest(name, profiles | models) or 'mmcompose models list'})"
