"""Tells what a service reads from the store of weights, and where in it that lies, whatever starts the service.

The store is one folder for each host, in the layout of the hub's own cache; files that an engine loads by their path
lie under `files/`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import unquote

from mmcompose.core.place.facts import model_path
from mmcompose.core.read.adhoc import in_pieces
from mmcompose.model import Engine, Machine, Profile, Secret, Service, parse_path

MODELS = "models"
"""The volume of the store, where the host file names no folder."""
STORE = "/store"
FORMER = "/former"
DEFAULT = "main"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_PIECE = re.compile(r"-\d{5}(-of-\d{5}\.gguf)\Z", re.IGNORECASE)


def reads_store(service: Service) -> bool:
    return service.weights.fetch in ("first", "never")


def fetched_by_engines(profile: Profile, names: Collection[str]) -> Profile:
    """The profile without the store for these services: each engine fetches into its own cache."""
    found = {name: profile.services[name] for name in names if reads_store(profile.services[name])}
    own = {name: one._replace(weights=one.weights._replace(fetch="engine")) for name, one in found.items()}
    return profile._replace(services={**profile.services, **own})


def in_volume(service: Service, host: Machine) -> bool:
    return reads_store(service) and not host.models


def keeper(host: Machine) -> str:
    """The user who writes the store: the same for all services, whoever runs their engines."""
    return f"{host.uid}:{host.gid}"


def owners(service: Service, host: Machine) -> dict[str, list[str]]:
    """The users who must own fresh volumes before the engine starts, with the places of these volumes; those of root
    are so already. A folder of the host keeps its owner."""
    found: dict[str, list[str]] = {}
    wanted = [(service.security.user or "0:0", place) for place in service.caches.values()]
    for user, place in [*wanted, *([(keeper(host), STORE)] if in_volume(service, host) else [])]:
        if not user.startswith("0:"):
            found.setdefault(user, []).append(place)
    return found


def without_token(service: Service) -> tuple[Service, dict[str, Secret]]:
    """A service without the token of the hub, which an engine that fetches nothing does not need, and that token."""
    if not reads_store(service):
        return service, {}
    found = token(service)
    return service._replace(secrets={n: one for n, one in service.secrets.items() if n not in found}), found


def token(service: Service) -> dict[str, Secret]:
    return {name: one for name, one in service.secrets.items() if _is_token(name, one)}


def _is_token(name: str, secret: Secret) -> bool:
    return name == "hf_token" or secret.path_env == "HF_TOKEN_PATH" or secret.value_env == "HF_TOKEN"


def loaded(service: Service, engine: Engine) -> str:
    """The model that the engine loads: a path inside the container, or a repository."""
    weights = service.weights
    if not (reads_store(service) and engine.supply and engine.supply.layout == "files"):
        return model_path(service)
    if weights.url:
        return f"{STORE}/files/url/{weights.sha256}/{unquote(weights.url.rpartition('/')[2])}"
    return "/".join((STORE, "files", weights.repo or "", weights.revision or DEFAULT, weights.file or "")).rstrip("/")


def request(service: Service, engine: Engine) -> list[str]:
    """The options of the program that fetches: everything that it puts into the store for this service."""
    return [*part(service, engine), *(option for name in further(service, engine) for option in ("--also", name))]


def part(service: Service, engine: Engine) -> list[str]:
    """The options that name the service's own weights."""
    weights, supply = service.weights, engine.supply
    if weights.url:
        return ["--url", weights.url, "--sha256", weights.sha256 or ""]
    options = ["--repo", weights.repo or ""]
    if weights.revision:
        options += ["--revision", weights.revision]
    own = [_all_pieces(weights.file)] if weights.file else []
    included = list(dict.fromkeys([*weights.include, *own]))
    for pattern in included:
        options += ["--include", pattern]
    for pattern in weights.exclude or (supply.exclude if supply and not included else ()):
        options += ["--exclude", pattern]
    if supply and supply.layout == "files":
        options.append("--plain")
    return options


def further(service: Service, engine: Engine) -> Iterator[str]:
    """The other repositories that arguments name, such as a tokenizer's or a draft model's."""
    for path in engine.supply.more if engine.supply and service.weights.repo else ():
        value: Any = service.args
        for name in parse_path(path)[1:]:
            value = value.get(str(name)) if isinstance(value, dict) else None
        if isinstance(value, str) and _REPOSITORY.fullmatch(value) and value != service.weights.repo:
            yield value


def _all_pieces(file: str) -> str:
    """A pattern for all files of a model in pieces, which an engine finds by the first."""
    name = file.replace("[", "[[]")
    return _PIECE.sub(r"-*\1", name) if in_pieces(file) else name
