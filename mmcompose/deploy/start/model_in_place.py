"""Makes a profile of a model: a path or a repository becomes a profile of its own, kept beside the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmcompose.core.edit.as_file import as_file
from mmcompose.core.hints import listing, nearest
from mmcompose.core.pipeline import Compilation
from mmcompose.core.read import adhoc
from mmcompose.core.read.adhoc import WeightsToLoad
from mmcompose.core.read.overrides import Override, parse
from mmcompose.deploy.pick import matching
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.at_hand import AtHand
from mmcompose.engines.known.engine import known
from mmcompose.files.gather.weights import look
from mmcompose.model.failure import Failure
from mmcompose.model.paths import PRIVATE


class Requested(NamedTuple):
    """The command that makes the profile, its values, and the kinds of benchmarks that the profile gets.

    `memory_share` is the part of each GPU's memory, which every engine calls otherwise.
    """

    command: str
    values: Sequence[Override] = ()
    kinds: Sequence[str] = ()
    memory_share: float | None = None


class InPlace(NamedTuple):
    """The project with one more profile. `kept` is where the profile lies, `text` what its file in profiles/ would
    be."""

    here: AtHand
    name: str
    backend: str
    kept: str
    text: str


def model_in_place(here: AtHand, name_or_model: str, requested: Requested) -> InPlace | None:
    """The profile for a model; None if the text names a profile, or no model."""
    if matching(here.made.profiles, name_or_model):
        return None
    weights = _of_file(here.made, name_or_model) or _weights(name_or_model)
    if weights is None:
        return None
    name = adhoc.name_for(weights)
    if name in here.made.documents.names("profile"):
        text = f"there is a profile {name}, which is the name that this model would get: rename one of them"
        raise Failure(text, 2)
    if weights.repo and weights.formats[0] == "openvino" and weights.model is None:
        raise Failure(
            f"OpenVINO's files are mounted: download {name_or_model}, and name the folder that they lie in", 2
        )
    backend, choices = _choices(here.made, weights, requested.values)
    values = [*requested.values, *memory_share_of(here.made, backend, requested.memory_share)]
    source = adhoc.source(weights, requested.command, requested.kinds, **choices)
    more = here.with_values(name, values, [source])
    with aside.writing():
        kept = aside.keep(here.root, source.shown.removeprefix(f"{PRIVATE}/"), source.data.decode())
    profile, written = more.made.profiles[name], more.made.documents.of("profile")[name].root
    text = as_file(written, profile, values, str(here.root))
    used = next(iter(profile.services.values())).backend
    return InPlace(more, name, str(used), str(kept.relative_to(here.root)), text)


def may_be_model(text: str) -> bool:
    """Whether it names a model on the disk or the hub, even one that cannot be used."""
    try:
        return _weights(text) is not None
    except Failure:
        return True


def memory_share_of(made: Compilation, backend: str, share: float | None) -> list[Override]:
    """The share of the GPU's memory under the name that this engine has for it."""
    if share is None:
        return []
    layer = made.documents.of("backend").get(backend)
    history = layer.root.present(("history",)) if layer else None
    path = known(str(history.value) if history else backend).memory_share
    if not path:
        flags = f"`mmcompose engines flags {history.value}` lists its flags, for --set" if history else "leave it out"
        raise Failure(f"--gpu-memory-utilization: {backend} takes no share of the GPU's memory; {flags}", 2)
    return parse([f"{path}={share}"])[0]


def _of_file(made: Compilation, name: str) -> WeightsToLoad | None:
    """The weights of a model of profiles/models that no profile serves."""
    layer = made.documents.of("model").get(name)
    if layer is None:
        return None
    found: Mapping[str, Any] = layer.root.plain().get("weights", {})
    guess = adhoc.on_the_hub(str(found.get("repo", "")))
    formats = (found["format"],) if "format" in found else guess.formats if guess else ("safetensors",)
    return WeightsToLoad(formats, model=name)


def _weights(model: str) -> WeightsToLoad | None:
    place = Path(model).expanduser()
    try:
        there = place.exists() or place.is_symlink()
    except (OSError, ValueError):
        return None
    if there:
        return look(place)
    if model.startswith(("/", ".", "~")) or (model.lower().endswith(".gguf") and model.count("/") < 2):
        raise Failure(f"there is no file or folder {model}", 2)
    return adhoc.on_the_hub(model)


def _choices(made: Compilation, weights: WeightsToLoad, values: Sequence[Override]) -> tuple[str, dict[str, Any]]:
    """The engine and its needs: the named one, or the one that loads such files; the host's GPU."""
    given = {override.path[0]: override.value.value for override in values if len(override.path) == 1}
    engines = {name: layer.root.plain() for name, layer in made.documents.of("backend").items()}
    named = given.get("backend")
    if named is not None and named not in engines:
        hint = nearest(str(named), engines) or f"known: {listing(sorted(engines))}"
        raise Failure(f"--backend: no backend {named!r} ({hint})", 2)
    able = engines.get(str(named), {}).get("formats", ())
    format_ = next((each for each in weights.formats if each in able), weights.formats[0])
    usual = (name for name, engine in sorted(engines.items()) if format_ in engine.get("default_for", ()))
    chosen = str(named) if named else next(usual, "")
    engine = engines.get(chosen, {})
    accelerator = _accelerator(made, given.get("host"))
    return chosen, {
        "format_": format_,
        "gpu": accelerator != "cpu" and accelerator in engine.get("accelerators", ()),
        "fixed_name": bool(engine.get("fixed_name")),
    }


def _accelerator(made: Compilation, host: Any) -> Any:
    name = host or (made.project.host if made.project else None)
    layer = made.documents.of("host").get(str(name))
    found = layer.root.at(("machine", "accelerator")) if layer else None
    return found.value if found else "cpu"
