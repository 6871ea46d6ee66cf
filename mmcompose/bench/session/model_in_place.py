"""Makes a profile of a model: a path or a repository becomes a profile of its own, kept beside the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mmcompose.core.hints import listing, nearest
from mmcompose.core.pipeline import Compilation
from mmcompose.core.read import adhoc
from mmcompose.core.read.adhoc import WeightsToLoad
from mmcompose.core.read.overrides import Override
from mmcompose.deploy.pick import matching
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.at_hand import AtHand
from mmcompose.files.gather.weights import look
from mmcompose.model.failure import Failure
from mmcompose.model.paths import PRIVATE


def model_in_place(
    here: AtHand, name_or_model: str, values: Sequence[Override], note: Callable[[str], None]
) -> tuple[AtHand, str] | None:
    """The project with one more profile, and its name; None if the text names a profile, or no model."""
    if matching(here.made.profiles, name_or_model):
        return None
    weights = _weights(name_or_model)
    if weights is None:
        return None
    name = adhoc.name_for(weights)
    if name in here.made.documents.names("profile"):
        text = f"there is a profile {name}, which is the name that this model would get: rename one of them"
        raise Failure(text, 2)
    if weights.repo and weights.formats[0] == "openvino":
        raise Failure(
            f"OpenVINO's files are mounted: download {name_or_model}, and name the folder that they lie in", 2
        )
    source = adhoc.source(weights, **_choices(here.made, weights, values))
    more = here.with_values(name, values, [source])
    with aside.writing():
        kept = aside.keep(here.root, source.shown.removeprefix(f"{PRIVATE}/"), source.data.decode())
    backend = next(iter(more.made.profiles[name].services.values())).backend
    note(f"{name_or_model} as {name}, on {backend}: {kept.relative_to(here.root)}")
    return more, name


def may_be_model(text: str) -> bool:
    """Whether it names a model on the disk or the hub, even one that cannot be used."""
    try:
        return _weights(text) is not None
    except Failure:
        return True


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


def _choices(made: Compilation, weights: WeightsToLoad, values: Sequence[Override]) -> dict[str, Any]:
    """The engine and its needs: the named one, or the one that loads such files; the host's GPU."""
    given = {override.path[0]: override.value.value for override in values if len(override.path) == 1}
    engines = {name: layer.root.plain() for name, layer in made.documents.of("backend").items()}
    named = given.get("backend")
    if named is not None and named not in engines:
        hint = nearest(str(named), engines) or f"known: {listing(sorted(engines))}"
        raise Failure(f"--backend: no backend {named!r} ({hint})", 2)
    able = engines.get(str(named), {}).get("formats", ())
    format_ = next((each for each in weights.formats if each in able), weights.formats[0])
    usual = (engine for _, engine in sorted(engines.items()) if format_ in engine.get("default_for", ()))
    engine = engines[str(named)] if named else next(usual, {})
    accelerator = _accelerator(made, given.get("host"))
    return {
        "format_": format_,
        "gpu": accelerator != "cpu" and accelerator in engine.get("accelerators", ()),
        "fixed_name": bool(engine.get("fixed_name")),
    }


def _accelerator(made: Compilation, host: Any) -> Any:
    name = host or (made.project.host if made.project else None)
    layer = made.documents.of("host").get(str(name))
    found = layer.root.at(("machine", "accelerator")) if layer else None
    return found.value if found else "cpu"
