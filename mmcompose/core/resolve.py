"""Documents in, one resolved Profile or its Problems out.

The layers of a service, lowest first:
defaults < backend < runtime < model < model's `backends.<backend>` < extended profiles < profile < host < command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from mmcompose.core import bind
from mmcompose.core.derive import Context, derive
from mmcompose.core.documents import Documents
from mmcompose.core.fold import NOTHING, fold, put
from mmcompose.core.hints import listing, nearest
from mmcompose.model import Engine, Layer, Path, Problem, Profile, Service, Setting

_NOT_OF_A_SERVICE = {
    "backend": frozenset({*bind.ENGINE_FACTS, "description"}),
    "runtime": frozenset({"backends", "description"}),
    "model": frozenset({"backends", "description"}),
    "host": frozenset({"machine", "description"}),
    "profile": frozenset({"host", "extends", "services", "envelope"}),
}
"""Keys that speak of the file itself, by kind. A host's description is not that of what runs on it."""


@dataclass(frozen=True, slots=True)
class Override:
    """One `--set path=value`, or an option that is short for one."""

    path: Path
    value: Setting
    append: bool = False


class Folded(NamedTuple):
    """Layers, the lowest first, and what they come to."""

    layers: Sequence[Setting]
    tree: Setting


class Unresolved(Exception):  # noqa: N818 - it carries Problems, it is not a fault of ours
    """What keeps one profile from being resolved. An empty list: the cause is reported elsewhere."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


class Resolver:
    """Resolves profiles of one project; what many profiles share is folded once."""

    def __init__(
        self,
        documents: Documents,
        default_host: str,
        overrides: Sequence[Override] = (),
        contexts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.documents = documents
        self.default_host = default_host
        self.overrides = overrides
        self.contexts = contexts
        self._shared: dict[tuple[str | None, ...], Folded] = {}
        self._machines = {name: bind.machine(name, layer.root) for name, layer in documents.of("host").items()}
        self._engines = {name: bind.engine(name, layer.root) for name, layer in documents.of("backend").items()}

    def resolve(self, name: str) -> Profile:
        if ("service", "defaults") in self.documents.broken:
            raise Unresolved([])
        lineage = self._lineage(name)
        host = self._host(lineage)
        machine = self._machines[host]
        services: dict[str, Service] = {}
        engines, settings = {}, {}
        problems: list[Problem] = []
        for service in service_names(name, lineage):
            try:
                folded, engine = self._service(service, lineage, host, alone=not has_services(lineage))
                derived = derive(folded.tree, Context(folded.layers, engine, machine, self.contexts))
            except Unresolved as unresolved:
                problems += unresolved.problems
                continue
            problems += derived.problems
            settings[service] = derived.tree
            engines[service] = engine
            services[service] = bind.service(derived.tree)
        if problems or not services:
            raise Unresolved(problems)
        top = fold([_top(layer) for layer in lineage])
        description = top.at(("description",))
        text = description.value if description else None
        files = tuple(layer.file for layer in lineage)
        # What was measured of a parent says nothing of the profile that extends it.
        envelope = bind.envelope(lineage[-1].root)
        return Profile(name, files[-1], files, machine, services, engines, settings, text, envelope)

    def _lineage(self, name: str) -> list[Layer]:
        """The profile and all that it extends, the oldest first."""
        profiles = self.documents.of("profile")
        lineage = [profiles[name]]
        names = [name]
        while (parent := lineage[0].root.said(("extends",))) is not None:
            if parent.value in names:
                cycle = " → ".join([*names, parent.value])
                raise Unresolved([Problem(parent.origin, "extends", f"{cycle} is a cycle", "", "extends")])
            lineage.insert(0, self._need("profile", parent, "extends"))
            names.append(parent.value)
        return lineage

    def _host(self, lineage: Sequence[Layer]) -> str:
        line = fold([Setting({"host": o.value}, o.value.origin) for o in self.overrides if o.path == ("host",)])
        chosen = _highest(("host",), line, *(layer.root for layer in reversed(lineage)))
        if chosen is None:
            project = self.documents.of("project")["mmcompose"].root
            chosen = project.at(("host",)) or NOTHING._replace(value=self.default_host)
        self._need("host", chosen, "host")
        return str(chosen.value)

    def _service(self, service: str, lineage: Sequence[Layer], host: str, *, alone: bool) -> tuple[Folded, Engine]:
        own = [part for layer in lineage for part in _parts(layer, service)]
        above = _without(self.documents.of("host")[host].root, _NOT_OF_A_SERVICE["host"])
        line = list(self._line(service, alone=alone))
        said = NOTHING
        for override in line:
            said = put(said, override.path, override.value)
        choices = fold([*own, above, said])
        model = self._named("model", choices)
        asked = [choices, self.documents.of("model")[model].root] if model else [choices]
        backend = self._named("backend", *asked) or self._by_format(asked, lineage[-1])
        below = self._below(model, backend, self._named("runtime", *asked))
        tree = fold([below.tree, *own, above])._replace(origin=own[-1].origin, key=own[-1].key)
        for override in line:
            tree = put(tree, override.path, override.value, append=override.append)
        if tree.said(("backend",)) is None:
            form = _highest(("weights", "format"), *asked) or _told_by_name(asked) or NOTHING
            tree = put(tree, ("backend",), form.leading_to(backend))
        return Folded([*below.layers, *own, above, said], tree), self._engines[backend]

    def _line(self, service: str, *, alone: bool) -> Iterator[Override]:
        """What the command line says of one service: a path without `services.` speaks of all services."""
        for override in self.overrides:
            if override.path[0] != "services":
                if override.path != ("host",):
                    yield override
            elif not alone and override.path[1] == service:
                yield Override(override.path[2:], override.value, override.append)

    def _named(self, kind: str, *trees: Setting) -> str | None:
        """The file of a kind that the first tree with a word on it names; there must be one of that name."""
        named = _highest((kind,), *trees)
        if named is None:
            return None
        self._need(kind, named, kind)
        return str(named.value)

    def _by_format(self, trees: Sequence[Setting], profile: Layer) -> str:
        """The backend whose engine is the usual one for the format of the weights."""
        wanted = _highest(("weights", "format"), *trees) or _told_by_name(trees)
        usual = [name for name, engine in self._engines.items() if wanted and wanted.value in engine.default_for]
        if usual:
            return min(usual)
        if any(kind == "backend" for kind, _ in self.documents.broken):
            raise Unresolved([])
        hint = f"known: {listing(sorted(self.documents.names('backend')))}"
        raise Unresolved([Problem(profile.root.origin, "backend", "no backend named, and no format chooses one", hint)])

    def _below(self, model: str | None, backend: str, runtime: str | None) -> Folded:
        """What lies under the profile: defaults, backend, runtime, model. Folded once for all that share them."""
        key = model, backend, runtime
        if key not in self._shared:
            trees = [layer.root for layer in self.documents.of("service").values()]
            trees.append(_without(self.documents.of("backend")[backend].root, _NOT_OF_A_SERVICE["backend"]))
            for kind, name in (("runtime", runtime), ("model", model)):
                if name is None:
                    continue
                root = self.documents.of(kind)[name].root
                trees.append(_without(root, _NOT_OF_A_SERVICE[kind]))
                special = root.said(("backends", backend))
                if special is not None:
                    trees.append(special)
            self._shared[key] = Folded(trees, fold(trees))
        return self._shared[key]

    def _need(self, kind: str, setting: Setting, path: str) -> Layer:
        """The layer that a setting names, or what to tell its author."""
        name = setting.value
        layer = self.documents.of(kind).get(name)
        if layer is not None:
            return layer
        if (kind, name) in self.documents.broken:
            raise Unresolved([])
        folder = "profiles/" if kind == "profile" else f"profiles/{kind}s/"
        hint = nearest(str(name), self.documents.names(kind)) or f"write {folder}{name}.yaml"
        raise Unresolved([Problem(setting.origin, path, f"no {kind} {name!r}", hint, f"unknown.{kind}")])


def _told_by_name(trees: Sequence[Setting]) -> Setting | None:
    """A file's name tells its format where nobody has written it: one that ends in .gguf is a GGUF."""
    named = _highest(("weights", "path"), *trees) or _highest(("weights", "file"), *trees)
    told = named is not None and isinstance(named.value, str) and named.value.lower().endswith(".gguf")
    return named.leading_to("gguf") if named is not None and told else None


def has_services(lineage: Sequence[Layer]) -> bool:
    return any(layer.root.at(("services",)) is not None for layer in lineage)


def service_names(profile: str, lineage: Sequence[Layer]) -> list[str]:
    """The services of a profile in the order in which they were written; the short form is named like its profile."""
    found: dict[str, None] = {}
    for layer in lineage:
        services = layer.root.said(("services",))
        found.update(dict.fromkeys(services.value if services else ()))
    return list(found) or [profile]


def _highest(path: Path, *trees: Setting) -> Setting | None:
    """What the first tree with a word on it says at a path; its null hides what the others say."""
    found = next((found for tree in trees if (found := tree.at(path)) is not None), None)
    return None if found is None or found.value is None else found


def _parts(layer: Layer, service: str) -> list[Setting]:
    """What one profile file says of one service: first what holds for all of them, then its own."""
    own = layer.root.said(("services", service))
    return [_top(layer)] if own is None else [_top(layer), own]


def _top(layer: Layer) -> Setting:
    return _without(layer.root, _NOT_OF_A_SERVICE["profile"])


def _without(tree: Setting, names: frozenset[str]) -> Setting:
    if names.isdisjoint(tree.value):
        return tree
    return tree._replace(value={name: child for name, child in tree.value.items() if name not in names})
