"""The build folders that come with mmcompose: found among the sources, hashed, and emitted for the profiles in use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from mmcompose.core.read.documents import Source
from mmcompose.engines.known.benchmarks import CONTEXT as CLIENT
from mmcompose.engines.known.benchmarks import beside
from mmcompose.model import Origin, Problem, Profile
from mmcompose.model.paths import FETCH, OURS

_KIT, _ASKS = "kit", "mmbench"
_COPIES = {part: re.compile(rf"^COPY (?:\S+ )*{part} ".encode(), re.MULTILINE) for part in (_KIT, _ASKS)}
"""What the Dockerfile of a folder copies if it shares that part: the kit of the services, or the client's program."""

Folder = Mapping[str, bytes]
"""The files by their paths inside the folder."""


def found(sources: Sequence[Source]) -> dict[str, Folder]:
    """The folders by backend: `services/` has ours, a project's own may also lie beside its template, and
    `benchmarks/` is the benchmark client's.

    A folder whose Dockerfile copies `kit` gets a copy of the kit, and of the client's program if it copies `mmbench`.
    """
    folders: dict[str, dict[str, bytes]] = {}
    for source in sources:
        top, _, rest = source.path.partition("/")
        if top == "benchmarks":
            folders.setdefault(CLIENT, {})[rest] = source.data
        elif top == "services" or (top == "templates" and not rest.endswith(".j2")):
            backend, _, inside = rest.partition("/")
            folders.setdefault(backend, {})[inside] = source.data
    asks = {path: data for path, data in folders.get(CLIENT, {}).items() if path.startswith(f"{_ASKS}/")}
    parts = {_KIT: {f"{_KIT}/{path}": data for path, data in folders.pop(_KIT, {}).items()}, _ASKS: asks}
    return {name: _with_parts(files, parts) for name, files in folders.items() if "Dockerfile" in files}


def _with_parts(files: Folder, parts: Mapping[str, Folder]) -> Folder:
    whole: dict[str, bytes] = {}
    for part, content in parts.items():
        if _COPIES[part].search(files["Dockerfile"]):
            whole |= content
    return {**whole, **files} if whole else files


def moved(sources: Sequence[Source]) -> Iterator[Problem]:
    """Reports files of our services at the place where they were before they shared a kit: old and new ones do not
    fit together."""
    ours = {source.path.split("/")[1] for source in sources if source.shipped and source.path.startswith("services/")}
    for source in sources:
        top, _, rest = source.path.partition("/")
        backend, _, inside = rest.partition("/")
        if top == "templates" and backend in ours and inside and not inside.endswith(".j2"):
            hint = f"move it to services/{backend}/{inside} after a look at what is there now; the service has changed"
            yield Problem(Origin("", source.path, 1, 1), "", "is no longer read", hint, "name")


def content_hash(files: Folder) -> str:
    """The hash of a folder, which tags its image, so that an edit builds a new one."""
    whole = hashlib.sha256()
    for path, data in sorted(files.items()):
        whole.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        whole.update(data)
    return whole.hexdigest()


def emitted(folders: Mapping[str, Folder], profiles: Collection[Profile]) -> dict[str, str]:
    """The files of the folders that these profiles use, so that the rendered files deploy by themselves."""
    services = [service for profile in profiles for service in profile.services.values()]
    used = {
        service.build.context.removeprefix(OURS)
        for service in services
        if service.image_type == "build" and service.build.context and service.build.context.startswith(OURS)
    }
    used |= {kind.context for service in services for kind in beside(service) if kind.ours}
    if any(service.weights.fetch == "first" for service in services):
        used.add(FETCH)
    # Files that are no text, such as images, keep their bytes in the escapes of a text.
    return {
        f"{name}/{path}": data.decode("utf-8", "surrogateescape")
        for name in used
        for path, data in folders.get(name, {}).items()
    }
