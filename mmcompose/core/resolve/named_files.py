"""Finds the files that a profile names: parents, host, model, runtime and backend. A missing one is a Problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmcompose.core.hints import listing, nearest
from mmcompose.core.read.documents import Documents
from mmcompose.core.read.overrides import Override
from mmcompose.core.read.ways_out import backend_meant
from mmcompose.core.resolve.doubts import GUESSED, Gaps, named_in_vain, speaks_of
from mmcompose.core.resolve.fold import NOTHING, fold
from mmcompose.core.resolve.layers import highest
from mmcompose.engines.flags.nearest import closest
from mmcompose.model import Engine, Layer, Path, Problem, Setting

FORMAT: Path = ("weights", "format")
_KINDS = ("project", "profile", "backend", "runtime", "model", "host", "service")


class NamedFiles:
    """The files of one project by kind and name. A name without a file becomes a gap."""

    def __init__(
        self, documents: Documents, engines: Mapping[str, Engine], default_host: str | None, line: Sequence[Override]
    ) -> None:
        """`line` are the overrides from the command line."""
        self._documents, self._engines, self._default_host, self._line = documents, engines, default_host, line
        self.layers = {kind: documents.known(kind) for kind in _KINDS}

    def lineage(self, name: str, gaps: Gaps) -> list[Layer]:
        """The profile and its ancestors by `extends`, the oldest first."""
        lineage = [self.layers["profile"][name]]
        names = [name]
        while (parent := lineage[0].root.present(("extends",))) is not None:
            if parent.value in names:
                cycle = " → ".join([*names, parent.value])
                gaps.problems.append(Problem(parent.origin, "extends", f"{cycle} is a cycle", "", "extends"))
                gaps.names.add("extends")
                break
            layer = self.need("profile", parent, "extends", gaps)
            if layer is None:
                break
            lineage.insert(0, layer)
            names.append(parent.value)
        return lineage

    def host(self, lineage: Sequence[Layer], gaps: Gaps) -> Layer | None:
        line = fold([Setting({"host": o.value}, o.value.origin) for o in self._line if o.path == ("host",)])
        chosen = highest(("host",), line, *(layer.root for layer in reversed(lineage)))
        if chosen is None and "host" not in named_in_vain(lineage, ""):
            project = self.layers["project"].get("mmcompose")
            default = project.root.at(("host",)) if project else None
            chosen = default or (NOTHING._replace(value=self._default_host) if self._default_host else None)
        if chosen is None:
            gaps.names.add("host")
            return None
        return self.need("host", chosen, "host", gaps)

    def named(self, kind: str, gaps: Gaps, *trees: Setting) -> Layer | None:
        """The file that the first tree with such a key names; a missing file is a Problem."""
        named = highest((kind,), *trees)
        return None if named is None else self.need(kind, named, kind, gaps)

    def by_format(self, trees: Sequence[Setting], layers: Sequence[Layer], service: str, gaps: Gaps) -> Layer | None:
        """The backend of the engine that usually serves this format of weights."""
        if "backend" in gaps.names:
            return None
        wanted = highest(FORMAT, *trees) or format_by_name(trees)
        usual = [name for name, engine in self._engines.items() if wanted and wanted.value in engine.default_for]
        if usual:
            return self.layers["backend"][min(usual)]
        vague = any(kind == "backend" for kind, _ in self._documents.broken) or speaks_of(layers, service, FORMAT[:1])
        if not gaps.names and not vague:
            hint = f"known: {listing(sorted(self._documents.names('backend')))}"
            message = "no backend is named, and the format of the weights chooses none"
            gaps.problems.append(Problem(layers[-1].root.origin, "backend", message, hint))
        gaps.names.add("backend")
        return None

    def need(self, kind: str, setting: Setting, path: str, gaps: Gaps) -> Layer | None:
        """The layer that a setting names; a missing one is a Problem at that setting."""
        name = setting.value
        layer = self.layers[kind].get(name)
        if layer is not None:
            return layer
        gaps.names.add(path)
        if (kind, name) not in self._documents.broken:
            folder = "profiles/" if kind == "profile" else f"profiles/{kind}s/"
            meant = backend_meant(str(name)) if kind == "backend" else None
            hint = f"write {meant}" if meant else nearest(str(name), self._documents.names(kind))
            hint = hint or f"write {folder}{name}.yaml"
            gaps.problems.append(Problem(setting.origin, path, f"no {kind} {name!r}", hint, f"unknown.{kind}"))
            near = [meant] if meant else closest(str(name), self.layers[kind]) if kind == "backend" else []
            if near and near[0] in self.layers[kind]:
                gaps.names ^= {path, GUESSED}
                return self.layers[kind][near[0]]
        return None


def format_by_name(trees: Sequence[Setting]) -> Setting | None:
    """Derives the format from the file's name if nobody has set it: `.gguf` is a GGUF."""
    paths = (("weights", "path"), ("weights", "file"), ("weights", "url"))
    named = next((found for path in paths if (found := highest(path, *trees))), None)
    is_gguf = named is not None and isinstance(named.value, str) and named.value.lower().endswith(".gguf")
    return named.leading_to("gguf") if named is not None and is_gguf else None


def name_of(layer: Layer) -> str:
    """`vllm` of `mmcompose:profiles/backends/vllm.yaml`."""
    return layer.file.rpartition("/")[2].removesuffix(".yaml")
