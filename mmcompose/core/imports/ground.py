"""The project into which something is imported: its layers, and what they make of a profile."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mmcompose.core.edit.writing import written
from mmcompose.core.read import documents
from mmcompose.core.read.documents import Documents, Source
from mmcompose.core.resolve.resolver import Resolver
from mmcompose.engines.flags.history import Histories, History
from mmcompose.engines.known import engine
from mmcompose.engines.known.engine import EngineFacts
from mmcompose.model import Layer, Path, Profile, Setting
from mmcompose.model.paths import below, of_profile

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")


class ImportGround(NamedTuple):
    """`root` is the project's real folder, `folder` that of the source, `home` that of the person who imports.

    `schema_folder` is the project's folder with the JSON Schemas, where it has one.
    """

    documents: Documents
    schemas: Mapping[str, dict[str, Any]]
    histories: Histories
    contents: Mapping[str, str]
    host: str | None = None
    root: str = "/project"
    folder: str = "/project"
    home: str = "/root"
    schema_folder: str = ""

    def resolved(self, name: str, values: Mapping[Path, Setting]) -> Profile | None:
        """The profile of this name with these values, resolved; None where they name a file that is not there."""
        source = Source(of_profile(name), written(values).encode())
        more = documents.read([source], self.schemas, {})
        if more.problems:
            return None
        resolution = Resolver(documents.joined(self.documents, more), self.host, (), self.contents).resolve(name)
        return None if resolution.problems or resolution.profile.doubts else resolution.profile

    def heads(self, kind: str, path: str, comment: str) -> list[str]:
        """The first lines of a file: its schema, for editors, and where it comes from."""
        if not self.schema_folder:
            return [comment]
        schema = posixpath.relpath(f"{self.schema_folder}/{kind}.schema.json", posixpath.dirname(path))
        return [f"yaml-language-server: $schema={schema}", comment]

    def backend(self, name: str) -> Layer | None:
        return self.documents.of("backend").get(name)

    def of_backend(self, backend: str, key: str) -> Setting | None:
        layer = self.backend(backend)
        return layer.root.present((key,)) if layer else None

    def images(self, backend: str) -> list[str]:
        """The images of a backend, one for each kind of machine."""
        images = self.of_backend(backend, "images")
        return [str(each.value) for each in images.value.values()] if images else []

    def history(self, backend: str) -> History | None:
        """The flags of the engine behind a backend."""
        named = self.of_backend(backend, "history")
        return self.histories(str(named.value)) if named else None

    def facts(self, backend: str) -> EngineFacts:
        """The facts of the engine behind a backend."""
        named = self.of_backend(backend, "history")
        return engine.known(str(named.value) if named else backend)

    def place(self, path: str) -> str:
        """A path of the source as a profile writes it: relative to the project where it lies there."""
        if _WINDOWS.match(path):
            return path
        expanded = self.home + path[1:] if path == "~" or path.startswith("~/") else path
        real = posixpath.normpath(posixpath.join(self.folder, expanded))
        return (posixpath.relpath(real, self.root) if below(real, self.root) else real) or "."


def is_windows(path: str) -> bool:
    return _WINDOWS.match(path) is not None
