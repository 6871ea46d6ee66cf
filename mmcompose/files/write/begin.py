"""Writes the first files of a project: its settings, profiles, schemas for the editor, and files for git."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from mmcompose.core.hints import listing
from mmcompose.core.read.documents import name_like
from mmcompose.core.read.schema import KINDS, bundle
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.files.fence import Fence
from mmcompose.files.gather import shipped
from mmcompose.files.gather.lock import NAME as LOCK
from mmcompose.model.failure import Failure
from mmcompose.model.paths import PRIVATE, RESULTS, SETTINGS, of_profile
from mmcompose.model.targets import COMPOSE

_SCHEMAS = "profiles/.schema"
_MODELINE = re.compile(r"(# yaml-language-server: \$schema=)\S*?(\w+\.schema\.json)")
_HOST = re.compile(r"^host: (\S+)", re.MULTILINE)
_GIT = {
    ".gitignore": "# Files that hold secrets, and what mmcompose keeps while it works.\n"
    f"/secrets/\n/{PRIVATE}/\n"
    "# Weights of models: too large for git.\n/models/\n"
    "# What was measured; the folder itself is where benchmark containers write.\n"
    f"/{RESULTS}/*\n!/{RESULTS}/.gitkeep\n",
    # Benchmarks mount this folder, and Compose refuses to start with a mount that is not there.
    f"{RESULTS}/.gitkeep": "",
    ".gitattributes": f"{COMPOSE.name}/** text eol=lf\n{COMPOSE.at_top} text eol=lf\n{LOCK} linguist-generated\n",
}


def begin(folder: Path, names: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Writes missing files; into an existing project, the named profiles. Returns the written paths and the ones
    that stayed."""
    profiles = _profiles(names)
    if not (folder / SETTINGS).exists():
        chosen = [profiles[of_profile(name)] for name in names]
        profiles = {path: _following(text, _one_host(chosen)) for path, text in profiles.items()}
        texts = {**_settings(folder, chosen), **profiles, **_schemas(), **_GIT}
    elif names:
        texts = profiles
    else:
        raise Failure(
            f"{folder / SETTINGS} exists: this is a project already; --profile NAME adds a shipped profile to it"
        )
    written, kept, fence = [], [], Fence(folder)
    try:
        for path, text in texts.items():
            place = folder / path
            if place.exists() or place.is_symlink():
                kept.append(path)
                continue
            if reason := fence.strays(path):
                raise Failure(f"{path}: {reason}", 4)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8", newline="\n")
            written.append(path)
    except OSError as error:
        raise Failure(f"{error.filename or folder} cannot be written: {error.strerror}", 4) from error
    return written, kept


def _settings(folder: Path, chosen: Sequence[str]) -> dict[str, str]:
    """The shipped settings under the folder's name: two projects of one name would share containers.

    If all chosen profiles are for one host, it becomes the project's.
    """
    text = (shipped.root() / SETTINGS).read_text("utf-8")
    called = folder.resolve().name
    name = name_like(called, otherwise=name_like(f"mm-{called}", otherwise="mm"))
    text = re.sub(r"^name: .*$", f"name: {name}", text, flags=re.MULTILINE)
    if host := _one_host(chosen):
        text = re.sub(r"^host: .*$", f"host: {host}", text, flags=re.MULTILINE)
    return {SETTINGS: _MODELINE.sub(rf"\g<1>{_SCHEMAS}/\g<2>", text)}


def _one_host(chosen: Sequence[str]) -> str:
    """The host that all of these profiles name; empty if they differ, or use the project's."""
    hosts = {found[1] if (found := _HOST.search(profile)) else "" for profile in chosen}
    return hosts.pop() if len(hosts) == 1 else ""


def _following(profile: str, host: str) -> str:
    """Removes `host:` from a profile for the project's own host: a project names its machine in one place."""
    return re.sub(rf"^host: {re.escape(host)}\n", "", profile, count=1, flags=re.MULTILINE) if host else profile


def _shipped() -> dict[str, str]:
    places = sorted((shipped.root() / "profiles").glob("*.yaml"))
    return {place.stem: place.read_text("utf-8") for place in places if place.stem != "defaults"}


def _profiles(names: Sequence[str]) -> dict[str, str]:
    known = _shipped()
    chosen = list(names) or list(known)
    for name in chosen:
        if name not in known:
            raise Failure(f"no shipped profile {name!r} ({did_you_mean(name, known) or listing(known)})", 2)
    wanted = {parent for name in chosen for parent in (name, *_parents(name, known))}
    return {of_profile(name): _MODELINE.sub(r"\g<1>.schema/\g<2>", known[name]) for name in sorted(wanted)}


def brought(names: Sequence[str]) -> dict[str, str]:
    """The files that come along with the named profiles, each with the profile that extends it."""
    known = _shipped()
    chains = [[name, *_parents(name, known)] for name in names if name in known]
    pairs = [(parent, child) for chain in chains for child, parent in pairwise(chain)]
    return {parent: child for parent, child in pairs if parent not in names}


def _parents(name: str, known: dict[str, str]) -> list[str]:
    """The shipped profiles that a profile extends, and theirs."""
    found = re.search(r"^extends: (\S+)", known[name], re.MULTILINE)
    return [found.group(1), *_parents(found.group(1), known)] if found else []


def _schemas() -> dict[str, str]:
    texts = shipped.schemas()
    return {
        f"{_SCHEMAS}/{kind}.schema.json": json.dumps(bundle(kind, texts), indent=1, ensure_ascii=False) + "\n"
        for kind in KINDS
    }
