"""Environment, mounts and secrets of a container, in the terms of a profile."""

from __future__ import annotations

import re

from mmcompose.core.check.rules.secrets import secret_in
from mmcompose.core.imports.sources.found import HUB_TOKENS, FoundMount
from mmcompose.core.imports.subject import Draft
from mmcompose.model import Setting

_SECRETS = "/run/secrets/"
_STORE = "/store"
_OF_THE_STORE = ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_OF_THE_TOOLKIT = ("NVIDIA_DRIVER_CAPABILITIES",)
_CACHE = re.compile(r"(?:/root|/home/[^/]+|/\.cache|/cache)?/?(?:\.cache|huggingface)(?:/.*)?\Z")
_FILE = re.compile(r"(?:/[\w.@+ -]+){2,}\Z")
_FOLDERS = (
    "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE", "LLAMA_CACHE", "XDG_CACHE_HOME", "HOME",
)  # fmt: skip
"""Variables that name the folder of a cache, or one above it."""


def take_environment(one: Draft) -> None:
    stored = one.ours and any(mount.target == _STORE for mount in one.found.mounts)
    paths = {f"{_SECRETS}{name}": name for name in one.found.secrets}
    for name, setting in one.found.env.items():
        text = str(setting.value)
        if name in HUB_TOKENS:
            one.make_secret(
                "hf_token", {"path_env": "HF_TOKEN_PATH"}, setting.origin, f"env.{name}", "a token is a secret"
            )
        elif text in paths:
            one.found.secrets[paths[text]] = _with_env(one.found.secrets[paths[text]], "path_env", name)
        elif secret_in(name, text):
            one.make_secret(name.lower(), {"value_env": name}, setting.origin, f"env.{name}", "is a secret")
        elif (stored and name in _OF_THE_STORE) or (not one.ours and name in _OF_THE_TOOLKIT):
            continue
        elif not one.ours and name in one.service.env and name in _FOLDERS and one.service.env[name] != text:
            message = (
                f"{text} is not kept: the backend's {one.service.env[name]} lies in a volume that its user may write"
            )
            one.remarks.changed(setting.origin, f"env.{name}", message)
        elif not text and not one.ours:
            one.remarks.left_out(setting.origin, f"env.{name}", "is empty")
        else:
            one.values["env", name] = Setting(text, setting.origin)


def _with_env(secret: Setting, key: str, name: str) -> Setting:
    """The file of a secret, with the variable that leads to it."""
    value = secret.value if isinstance(secret.value, dict) else {"file": secret.value}
    return secret._replace(value={**value, key: name})


def take_secrets(one: Draft) -> None:
    for name, secret in one.found.secrets.items():
        made = _with_env(secret, "value_env", one.exports[name]) if name in one.exports else secret
        value = made.value if isinstance(made.value, dict) else {"file": made.value}
        file = one.ground.place(str(value["file"]))
        for key, inner in {**value, "file": file}.items():
            one.values["secrets", name, key] = Setting(inner, secret.origin)


def take_mounts(one: Draft) -> None:
    mounts: list[dict[str, object]] = []
    for mount in one.found.mounts:
        if one.ours and (mount.target == _STORE or _is_config(one, mount)):
            continue
        if _is_cache(one, mount):
            message = f"{mount.source} is not mounted: weights come from the store that all profiles of a host share"
            hint = "a hub cache can be that store: machine.models of the host file names it"
            one.remarks.changed(mount.origin, "volumes", message, hint)
        elif mount.named:
            one.values["caches", _cache_name(one, mount)] = Setting(mount.target, mount.origin)
        else:
            mounts.append(
                {"source": one.ground.place(mount.source), "target": mount.target, "read_only": mount.read_only}
            )
    mounts += _named_files(one)
    if mounts:
        origins = [mount.origin for mount in one.found.mounts if not mount.named]
        one.values["mounts",] = Setting(mounts, next(iter(origins), one.found.origin))


def _named_files(one: Draft) -> list[dict[str, object]]:
    """The files of the host that a command without a container names: mounted at their own paths."""
    found: dict[str, dict[str, object]] = {}
    for path, value in one.values.items() if one.found.bare else ():
        text = str(value.value)
        if path[0] == "args" and _FILE.match(text):
            found[text] = {"source": one.ground.place(text), "target": text, "read_only": True}
            one.remarks.changed(value.origin, ".".join(map(str, path)), f"{text} is mounted into the container")
    return list(found.values())


def _is_config(one: Draft, mount: FoundMount) -> bool:
    """The folder that a render writes for an engine with configuration files of its own: it comes from other keys."""
    if mount.target != "/config" or not mount.source.startswith("./config/"):
        return False
    key = "zoo" if one.backend == "zoo" else "graph"
    message = f"the files in {mount.source} are not read"
    one.remarks.left_out(mount.origin, key, message, f"write what they hold under {key}:")
    return True


def _is_cache(one: Draft, mount: FoundMount) -> bool:
    """A folder in which an engine keeps what it fetched or compiled."""
    if one.ours or not one.service.caches:
        return False
    inside = {str(setting.value) for name, setting in one.found.env.items() if name in _FOLDERS and name != "HOME"}
    return mount.target.rstrip("/") in inside or _CACHE.match(mount.target) is not None


def _cache_name(one: Draft, mount: FoundMount) -> str:
    """Our own volumes begin with the service's name."""
    plain = mount.source
    if one.ours:
        plain = plain.removeprefix(f"{one.found.name}-")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return slug if re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", slug) else f"volume-{len(one.values)}"
