"""Documents in, one resolved Profile or its Problems out.

The layers of a service, lowest first:
defaults < backend < runtime < model < model's `backends.<backend>` < extended profiles < profile < host < command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from mmcompose.core import bind
from mmcompose.core.derive import Context, derive
from mmcompose.core.documents import Documents
from mmcompose.core.doubts import GUESSED, Gaps, doubt, named_in_vain, speaks_of
from mmcompose.core.fold import NOTHING, fold, put
from mmcompose.core.hints import listing, nearest
from mmcompose.core.layers import NOT_OF_A_SERVICE, has_services, highest, parts, service_names, top_of, without
from mmcompose.core.overrides import Override
from mmcompose.core.runs_on import first_causes
from mmcompose.core.ways_out import backend_meant
from mmcompose.engines.nearest import closest
from mmcompose.model import ENGINE, MACHINE, Doubt, Engine, Layer, Machine, Path, Problem, Profile, Service, Setting

_DERIVED_FROM = (MACHINE, f"{ENGINE}.accelerators", "gpu", "image", "version", "image_type", "build", "builds")
"""What the derivations look at that can fail."""

_FORMAT: Path = ("weights", "format")
_KINDS = ("project", "profile", "backend", "runtime", "model", "host", "service")


class Folded(NamedTuple):
    """Layers, the lowest first, and what they come to."""

    layers: Sequence[Setting]
    tree: Setting


class _Made(NamedTuple):
    """One service: its settings, what runs it, and what of it is in doubt."""

    tree: Setting
    engine: Engine
    doubt: Doubt | None


class Outcome(NamedTuple):
    """A profile as far as it is known, and what is wrong with how it is put together."""

    profile: Profile
    problems: list[Problem]


class Resolver:
    """Resolves profiles of one project; what many profiles share is folded once."""

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
        self.default_host = default_host
        self.overrides = overrides
        self.contexts = contexts
        self.refused = refused
        self._shared: dict[tuple[str | None, ...], Folded] = {}
        self._layers = {kind: documents.known(kind) for kind in _KINDS}
        self._machines = {name: bind.machine(name, layer.root) for name, layer in documents.of("host").items()}
        self._engines = {name: bind.engine(name, layer.root) for name, layer in self._layers["backend"].items()}

    def resolve(self, name: str) -> Outcome:
        gaps = Gaps()
        lineage = self._lineage(name, gaps)
        host = self._host(lineage, gaps)
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
        # What was measured of a parent says nothing of the profile that extends it.
        envelope = bind.envelope(lineage[-1].root)
        machine = self._machine(host)
        wanted = highest(("runs_on",), *(layer.root for layer in reversed(lineage)))
        runs_on = bind.runs_on(wanted) if wanted is not None else None
        # A parent's further names are its own: two profiles of one name would start each other.
        called = lineage[-1].root.said(("also_called",))
        also = tuple(called.value) if called is not None else ()
        profile = Profile(
            name, files[-1], files, machine, services, engines, settings, text, envelope, doubts, runs_on, also
        )
        return Outcome(profile, first_causes(gaps.problems, runs_on, machine))

    def _lineage(self, name: str, gaps: Gaps) -> list[Layer]:
        """The profile and all that it extends, the oldest first."""
        lineage = [self._layers["profile"][name]]
        names = [name]
        while (parent := lineage[0].root.said(("extends",))) is not None:
            if parent.value in names:
                cycle = " → ".join([*names, parent.value])
                gaps.problems.append(Problem(parent.origin, "extends", f"{cycle} is a cycle", "", "extends"))
                gaps.names.add("extends")
                break
            layer = self._need("profile", parent, "extends", gaps)
            if layer is None:
                break
            lineage.insert(0, layer)
            names.append(parent.value)
        return lineage

    def _host(self, lineage: Sequence[Layer], gaps: Gaps) -> Layer | None:
        line = fold([Setting({"host": o.value}, o.value.origin) for o in self.overrides if o.path == ("host",)])
        chosen = highest(("host",), line, *(layer.root for layer in reversed(lineage)))
        if chosen is None and "host" not in named_in_vain(lineage, ""):
            project = self._layers["project"].get("mmcompose")
            default = project.root.at(("host",)) if project else None
            chosen = default or (NOTHING._replace(value=self.default_host) if self.default_host else None)
        if chosen is None:
            gaps.names.add("host")
            return None
        return self._need("host", chosen, "host", gaps)

    def _machine(self, host: Layer | None) -> Machine:
        if host is None:
            return bind.guessed_machine("unknown", None)
        name = _name(host)
        return self._machines.get(name) or bind.guessed_machine(name, host.root)

    def _service(self, service: str, lineage: Sequence[Layer], host: Layer | None, gaps: Gaps) -> _Made:
        own = [part for layer in lineage for part in parts(layer, service)]
        above = without(host.root, NOT_OF_A_SERVICE["host"]) if host else NOTHING
        line = list(self._line(service, alone=not has_services(lineage)))
        said = NOTHING
        for override in line:
            said = put(said, override.path, override.value)
        choices = fold([*own, above, said])
        gaps.names |= named_in_vain(lineage, service)
        model = self._named("model", gaps, choices)
        asked = [choices, model.root] if model else [choices]
        runtime = self._named("runtime", gaps, *asked)
        backend = self._named("backend", gaps, *asked) or self._by_format(
            asked, [*lineage, model] if model else lineage, service, gaps
        )
        below = self._below(model, backend, runtime)
        tree = fold([below.tree, *own, above])._replace(origin=own[-1].origin, key=own[-1].key)
        for override in line:
            tree = put(tree, override.path, override.value, append=override.append)
        if backend is not None and tree.said(("backend",)) is None:
            form = highest(_FORMAT, *asked) or _told_by_name(asked) or NOTHING
            tree = put(tree, ("backend",), form.leading_to(_name(backend)))
        engine = self._engines[_name(backend)] if backend else bind.engine("the engine", NOTHING)
        folded = [*below.layers, *own, above, said]
        derived = derive(tree, Context(folded, engine, self._machine(host), self.contexts))
        defaults = self._layers["service"].get("defaults")
        layers = [layer for layer in (defaults, backend, runtime, model, *lineage, host) if layer is not None]
        refused = [path for path in self.refused if path[:1] != ("services",)]
        refused += [path[2:] for path in self.refused if path[:2] == ("services", service)]
        name = _name(backend) if backend else None
        found = doubt(service, name, layers, refused, gaps, ())
        if derived.problems:
            gaps.problems += [p for p in derived.problems if found is None or not found.about((p.path, *_DERIVED_FROM))]
            found = doubt(service, name, layers, refused, gaps, derived.problems)
        return _Made(derived.tree, engine, found)

    def _line(self, service: str, *, alone: bool) -> Iterator[Override]:
        """What the command line says of one service: a path without `services.` speaks of all services."""
        for override in self.overrides:
            if override.path[0] != "services":
                if override.path != ("host",):
                    yield override
            elif not alone and override.path[1] == service:
                yield Override(override.path[2:], override.value, override.append)

    def _named(self, kind: str, gaps: Gaps, *trees: Setting) -> Layer | None:
        """The file that the first tree with such a key names; a missing file is a Problem."""
        named = highest((kind,), *trees)
        return None if named is None else self._need(kind, named, kind, gaps)

    def _by_format(self, trees: Sequence[Setting], layers: Sequence[Layer], service: str, gaps: Gaps) -> Layer | None:
        """The backend whose engine is the usual one for the format of the weights."""
        if "backend" in gaps.names:
            return None
        wanted = highest(_FORMAT, *trees) or _told_by_name(trees)
        usual = [name for name, engine in self._engines.items() if wanted and wanted.value in engine.default_for]
        if usual:
            return self._layers["backend"][min(usual)]
        vague = any(kind == "backend" for kind, _ in self.documents.broken) or speaks_of(layers, service, _FORMAT[:1])
        if not gaps.names and not vague:
            hint = f"known: {listing(sorted(self.documents.names('backend')))}"
            message = "no backend named, and no format chooses one"
            gaps.problems.append(Problem(layers[-1].root.origin, "backend", message, hint))
        gaps.names.add("backend")
        return None

    def _below(self, model: Layer | None, backend: Layer | None, runtime: Layer | None) -> Folded:
        """What lies under the profile: defaults, backend, runtime, model. Folded once for all that share them."""
        key = tuple(layer and layer.file for layer in (model, backend, runtime))
        if key not in self._shared:
            trees = [layer.root for layer in self._layers["service"].values()]
            if backend is not None:
                trees.append(without(backend.root, NOT_OF_A_SERVICE["backend"]))
            for kind, layer in (("runtime", runtime), ("model", model)):
                if layer is None:
                    continue
                trees.append(without(layer.root, NOT_OF_A_SERVICE[kind]))
                special = layer.root.said(("backends", _name(backend))) if backend else None
                if special is not None:
                    trees.append(special)
            self._shared[key] = Folded(trees, fold(trees))
        return self._shared[key]

    def _need(self, kind: str, setting: Setting, path: str, gaps: Gaps) -> Layer | None:
        """The layer that a setting names, or what to tell its author."""
        name = setting.value
        layer = self._layers[kind].get(name)
        if layer is not None:
            return layer
        gaps.names.add(path)
        if (kind, name) not in self.documents.broken:
            folder = "profiles/" if kind == "profile" else f"profiles/{kind}s/"
            meant = backend_meant(str(name)) if kind == "backend" else None
            hint = f"write {meant}" if meant else nearest(str(name), self.documents.names(kind))
            hint = hint or f"write {folder}{name}.yaml"
            gaps.problems.append(Problem(setting.origin, path, f"no {kind} {name!r}", hint, f"unknown.{kind}"))
            near = [meant] if meant else closest(str(name), self._layers[kind]) if kind == "backend" else []
            if near and near[0] in self._layers[kind]:
                gaps.names ^= {path, GUESSED}
                return self._layers[kind][near[0]]
        return None


def _told_by_name(trees: Sequence[Setting]) -> Setting | None:
    """A file's name tells its format where nobody has written it: one that ends in .gguf is a GGUF."""
    named = highest(("weights", "path"), *trees) or highest(("weights", "file"), *trees)
    told = named is not None and isinstance(named.value, str) and named.value.lower().endswith(".gguf")
    return named.leading_to("gguf") if named is not None and told else None


def _name(layer: Layer) -> str:
    """`vllm` of `mmcompose:profiles/backends/vllm.yaml`."""
    return layer.file.rpartition("/")[2].removesuffix(".yaml")
