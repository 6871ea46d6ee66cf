"""Makes typed, frozen nouns from plain data, whose shapes the schema has checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mmcompose.core.resolve.fold import NOTHING
from mmcompose.engines.known import known_bad
from mmcompose.model import Allowed, Card, Engine, Envelope, Machine, Probe, Project, RunsOn, Service, Setting, Supply
from mmcompose.model import service as nouns


def _of(noun: Callable[..., Any], *lists: str) -> Callable[[Any], Any]:
    """Makes the noun of a mapping; its `lists` become tuples."""
    return lambda value: noun(**{**value, **{name: tuple(value.get(name, ())) for name in lists}})


def _by_name(noun: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda value: {name: noun(**each) for name, each in value.items()}


def _listed(noun: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda value: tuple(noun(**each) for each in value)


_NOUNS: Mapping[str, Callable[[Any], Any]] = {
    "build": _of(nouns.Build),
    "builds": _by_name(nouns.Build),
    "needs": _of(nouns.Needs),
    "known_bad": lambda value: {name: known_bad.row(row) for name, row in value.items()},
    "weights": _of(nouns.Weights, "include", "exclude"),
    "secrets": _by_name(nouns.Secret),
    "mounts": _listed(nouns.Mount),
    "gpu": _of(nouns.Gpu, "devices"),
    "health": _of(nouns.Health, "test"),
    "resources": _of(nouns.Resources),
    "security": _of(nouns.Security, "cap_drop", "cap_add"),
    "logging": _of(nouns.Logging),
    "unchecked_args": _by_name(nouns.UncheckedArg),
    "graph": _of(nouns.Graph, "metrics"),
    "zoo": _by_name(nouns.ZooModel),
    "waivers": _listed(nouns.Waiver),
    "aliases": tuple,
    "bench": tuple,
}
"""Makes the noun of a key; a value whose key has no row stays as it is."""

_FACTS = {"probe": _of(Probe), "supply": _of(Supply, "exclude", "more", "unless")}
ENGINE_FACTS = Engine._fields[1:]
"""The keys of a backend file that describe its engine; the others are settings of every service."""


def service(tree: Setting) -> Service:
    plain = tree.plain()
    bound = {key: _NOUNS[key](value) if key in _NOUNS else value for key, value in plain.items()}
    return Service(**bound)


def engine(name: str, tree: Setting) -> Engine:
    plain = tree.plain()
    facts = {"title": name} | {key: plain[key] for key in ENGINE_FACTS if key in plain}
    lists = {key: tuple(value) for key, value in facts.items() if isinstance(value, list)}
    made = {key: _FACTS[key](facts[key]) for key in _FACTS if facts.get(key)}
    return Engine(name, **{**facts, **lists, **made})


def envelope(tree: Setting) -> Envelope | None:
    found = tree.present(("envelope",))
    return None if found is None else Envelope(found.place, **found.plain())


def runs_on(found: Setting) -> RunsOn:
    plain = found.plain()
    return RunsOn(found.place, **{**plain, "accelerator": tuple(plain.get("accelerator", ()))})


def machine(name: str, tree: Setting) -> Machine:
    facts = tree.value["machine"].plain()
    cards = tuple(Card(**card) for card in facts.pop("gpus", ()))
    devices, roots = (tuple(facts.pop(key, ())) for key in ("devices", "roots"))
    return Machine(name, gpus=cards, devices=devices, roots=roots, **facts)


def project(tree: Setting) -> Project:
    allowed = {key: _allowed(tree, key) for key in ("allow_files", "allow_links")}
    listed = {key: tuple(found.value) if (found := tree.present((key,))) else () for key in ("short_names", "targets")}
    return Project(**{**tree.plain(), **allowed, **listed})


def _allowed(tree: Setting, key: str) -> tuple[Allowed, ...]:
    found = tree.present((key,))
    return tuple(Allowed(**entry.plain(), origin=entry.origin) for entry in found.value) if found else ()


def guessed_machine(name: str, tree: Setting | None) -> Machine:
    """Completes a host with unknown facts, so that checks can judge the rest. Nothing is placed on it."""
    found = tree.at(("machine",)) if tree is not None else None
    usual = {"accelerator": "cpu", "memory": "1g", "cores": 1, "uid": 1000, "gid": 1000}
    facts = {**usual, **(found.plain() if found else {})}
    return machine(name, NOTHING._replace(value={"machine": _as_setting(facts)}))


def guessed_project(tree: Setting | None) -> Project:
    """Completes a project with unknown settings, so that checks can judge its profiles. It is never rendered."""
    usual = {"name": "project", "bind": "127.0.0.1", "ports": "1024-65535", "host": ""}
    found = tree.plain() if tree is not None else {}
    return project(_as_setting({key: found.get(key, value) for key, value in usual.items()}))


def _as_setting(value: Any) -> Setting:
    if isinstance(value, dict):
        return NOTHING._replace(value={name: _as_setting(child) for name, child in value.items()})
    return NOTHING._replace(value=tuple(map(_as_setting, value)) if isinstance(value, (list, tuple)) else value)
