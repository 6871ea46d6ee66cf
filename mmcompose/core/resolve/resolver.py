"""Resolves documents into one Profile or its Problems.

The layers of a service, lowest first:
defaults < backend < runtime < model < model's `backends.<backend>` < extended profiles < profile < host < command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from mmcompose.core.read.documents import Documents
from mmcompose.core.read.overrides import Override
from mmcompose.core.resolve import bind
from mmcompose.core.resolve.derive import derive
from mmcompose.core.resolve.doubts import Gaps, doubt, named_in_vain
from mmcompose.core.resolve.fold import NOTHING, fold, put
from mmcompose.core.resolve.layers import NOT_OF_A_SERVICE, has_services, highest, parts, service_names, top_of, without
from mmcompose.core.resolve.named_files import FORMAT, NamedFiles, format_by_name, name_of
from mmcompose.core.resolve.runs_on import first_causes
from mmcompose.core.resolve.step import Context
from mmcompose.model import ENGINE, MACHINE, Doubt, Engine, Layer, Machine, Path, Problem, Profile, Service, Setting

_DERIVED_FROM = (MACHINE, f"{ENGINE}.accelerators", "gpu", "image", "version", "image_type", "build", "builds")
"""The settings that derivations read and that can fail."""


class Folded(NamedTuple):
    """Layers, the lowest first, and the tree that they make together."""

    layers: Sequence[Setting]
    tree: Setting


class _Made(NamedTuple):
    """One service: its settings, its engine, and the doubt about it."""

    tree: Setting
    engine: Engine
    doubt: Doubt | None


class Resolution(NamedTuple):
    """A profile as far as it is known, and the faults in its composition."""

    profile: Profile
    problems: list[Problem]


class Resolver:
    """Resolves profiles of one project; layers that many profiles share are folded once."""

    def __init__(
        self,
        documents: Documents,
        default_host: str | None,
        overrides: Sequence[Override] = (),
        contexts: Mapping[str, str] = MappingProxyType({}),
        refused: Sequence[Path] = (),
    ) -> None:
        """`refused` are paths of the command line whose values are wrong; `overrides` are the others."""
        self.documents = documents
        self.overrides = overrides
        self.contexts = contexts
        self.refused = refused
        self._shared: dict[tuple[str | None, ...], Folded] = {}
        self._machines = {name: bind.machine(name, layer.root) for name, layer in documents.of("host").items()}
        self._engines = {name: bind.engine(name, layer.root) for name, layer in documents.known("backend").items()}
        self._files = NamedFiles(documents, self._engines, default_host, overrides)

    def resolve(self, name: str) -> Resolution:
        gaps = Gaps()
        lineage = self._files.lineage(name, gaps)
        host = self._files.host(lineage, gaps)
        if ("service", "defaults") in self.documents.broken:
            gaps.names.add("defaults")
        services: dict[str, Service] = {}
        engines, settings, doubts = {}, {}, {}
        for service in service_names(name, lineage):
            made = self._service(service, lineage, host, gaps.inside())
            settings[service], engines[service] = made.tree, made.engine
            services[service] = bind.service(made.tree)
            if made.doubt is not None:
                doubts[service] = made.doubt
        top = fold([top_of(layer) for layer in lineage])
        description = top.at(("description",))
        text = description.value if description else None
        files = tuple(layer.file for layer in lineage)
        # Measured values of a parent do not hold for the profile that extends it.
        envelope = bind.envelope(lineage[-1].root)
        machine = self._machine(host)
        wanted = highest(("runs_on",), *(layer.root for layer in reversed(lineage)))
        runs_on = bind.runs_on(wanted) if wanted is not None else None
        # A parent's further names are its own: two profiles of one name would start each other.
        called = lineage[-1].root.present(("also_called",))
        also = tuple(called.value) if called is not None else ()
        profile = Profile(
            name, files[-1], files, machine, services, engines, settings, text, envelope, doubts, runs_on, also
        )
        return Resolution(profile, first_causes(gaps.problems, runs_on, machine))

    def _machine(self, host: Layer | None) -> Machine:
        if host is None:
            return bind.guessed_machine("unknown", None)
        name = name_of(host)
        return self._machines.get(name) or bind.guessed_machine(name, host.root)

    def _service(self, service: str, lineage: Sequence[Layer], host: Layer | None, gaps: Gaps) -> _Made:
        own = [part for layer in lineage for part in parts(layer, service)]
        above = without(host.root, NOT_OF_A_SERVICE["host"]) if host else NOTHING
        line = list(self._line(service, alone=not has_services(lineage)))
        overridden = NOTHING
        for override in line:
            overridden = put(overridden, override.path, override.value)
        choices = fold([*own, above, overridden])
        gaps.names |= named_in_vain(lineage, service)
        model = self._files.named("model", gaps, choices)
        trees = [choices, model.root] if model else [choices]
        runtime = self._files.named("runtime", gaps, *trees)
        backend = self._files.named("backend", gaps, *trees) or self._files.by_format(
            trees, [*lineage, model] if model else lineage, service, gaps
        )
        below = self._below(model, backend, runtime)
        tree = fold([below.tree, *own, above])._replace(origin=own[-1].origin, key=own[-1].key)
        for override in line:
            tree = put(tree, override.path, override.value, append=override.append)
        if backend is not None and tree.present(("backend",)) is None:
            form = highest(FORMAT, *trees) or format_by_name(trees) or NOTHING
            tree = put(tree, ("backend",), form.leading_to(name_of(backend)))
        engine = self._engines[name_of(backend)] if backend else bind.engine("the engine", NOTHING)
        folded = [*below.layers, *own, above, overridden]
        derived = derive(tree, Context(folded, engine, self._machine(host), self.contexts))
        defaults = self._files.layers["service"].get("defaults")
        layers = [layer for layer in (defaults, backend, runtime, model, *lineage, host) if layer is not None]
        refused = [path for path in self.refused if path[:1] != ("services",)]
        refused += [path[2:] for path in self.refused if path[:2] == ("services", service)]
        name = name_of(backend) if backend else None
        found = doubt(service, name, layers, refused, gaps, ())
        if derived.problems:
            gaps.problems += [p for p in derived.problems if found is None or not found.about((p.path, *_DERIVED_FROM))]
            found = doubt(service, name, layers, refused, gaps, derived.problems)
        return _Made(derived.tree, engine, found)

    def _line(self, service: str, *, alone: bool) -> Iterator[Override]:
        """The overrides of one service: a path without `services.` applies to all services."""
        for override in self.overrides:
            if override.path[0] != "services":
                if override.path != ("host",):
                    yield override
            elif not alone and override.path[1] == service:
                yield Override(override.path[2:], override.value, override.append)

    def _below(self, model: Layer | None, backend: Layer | None, runtime: Layer | None) -> Folded:
        """The layers under the profile: defaults, backend, runtime, model. Folded once for all that share them."""
        key = tuple(layer and layer.file for layer in (model, backend, runtime))
        if key not in self._shared:
            trees = [layer.root for layer in self._files.layers["service"].values()]
            if backend is not None:
                trees.append(without(backend.root, NOT_OF_A_SERVICE["backend"]))
            for kind, layer in (("runtime", runtime), ("model", model)):
                if layer is None:
                    continue
                trees.append(without(layer.root, NOT_OF_A_SERVICE[kind]))
                special = layer.root.present(("backends", name_of(backend))) if backend else None
                if special is not None:
                    trees.append(special)
            self._shared[key] = Folded(trees, fold(trees))
        return self._shared[key]
