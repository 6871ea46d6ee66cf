"""A profile in the making: its container, and its values so far, each with its place in the source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mmcompose.core.imports.ground import ImportGround
from mmcompose.core.imports.sources.found import Found
from mmcompose.core.imports.sources.remarks import Remarks
from mmcompose.model import Origin, Path, Profile, Service, Setting, labels


@dataclass(slots=True)
class Draft:
    """`base` is what the project makes of the backend, the host and the image alone."""

    found: Found
    ground: ImportGround
    backend: str
    name: str
    values: dict[Path, Setting] = field(default_factory=dict)
    remarks: Remarks = field(default_factory=Remarks)
    base: Profile | None = None
    seen: set[str] = field(default_factory=set)
    """The arguments of the source, by name."""
    port: str = ""
    """The port on which the source's engine listens."""
    loaded: Setting | None = None
    """The model as its command names it: a repository, or a path inside the container."""
    exports: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, value: Any, origin: Origin) -> None:
        self.values[tuple(path.split("."))] = Setting(value, origin)

    def make_secret(self, secret: str, value: dict[str, str], origin: Origin, key: str, why: str) -> None:
        """Gives a value that stands open in the source a file of its own, which the person has to write."""
        file = f"secrets/{secret}"
        self.values["secrets", secret] = Setting({"file": file, **value}, origin)
        self.remarks.changed(origin, key, f"{why}: the file {file}", f"write it into {file}")

    @property
    def ours(self) -> bool:
        """Whether mmcompose rendered the source."""
        return labels.PROFILE in self.found.labels

    @property
    def service(self) -> Service:
        return self.base.services[self.name] if self.base else Service()
