"""Reads the parts of a vLLM recipe in YAML: the model, its base arguments, its features, and its variants."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.imports.sources.found import Found, left_out
from mmcompose.core.imports.sources.rows import each, items, plain
from mmcompose.model import Problem, Setting
from mmcompose.model.failure import Invalid

_READ = ("meta", "model", "features", "opt_in_features", "variants", "guide")
_READ_OF_MODEL = ("model_id", "base_args", "base_env", "min_vllm_version")
_DESCRIBES = ("architecture", "parameter_count", "active_parameters", "context_length")
_READ_OF_VARIANT = ("model_id", "extra_args", "extra_env", "description", "precision", "label")


def variants(tree: Setting) -> tuple[list[Found], list[Problem]]:
    """A server for each variant of the model, with the features that are on."""
    model = tree.at(("model",))
    repo = tree.at(("model", "model_id"))
    if model is None or repo is None or not plain(repo):
        hint = "name a recipe of models/, or a Markdown file"
        raise Invalid([Problem(tree.origin, "model.model_id", "is missing", hint, "import")])
    remarks = [left_out(value.place, key, _why(key)) for key, value in items(tree) if key not in _READ and value.value]
    for key, value in items(model):
        if key not in (*_READ_OF_MODEL, *_DESCRIBES) and value.value:
            remarks.append(left_out(value.place, f"model.{key}", "has no key in a profile"))
    features = list(_features(tree, remarks))
    found = []
    rows = list(items(tree.at(("variants",)))) or [("default", model._replace(value={}))]
    for name, variant in rows:
        found.append(_variant(tree, repo, model, name, variant, features))
        for key, value in items(variant):
            if key not in _READ_OF_VARIANT and value.value:
                remarks.append(left_out(value.place, f"variants.{name}.{key}", _why(key)))
    return found, remarks


def _why(key: str) -> str:
    whys = {
        "vram_minimum_gb": "the memory of all GPUs together; gpu.count takes as many cards as hold it",
        "hardware_overrides": "settings of one kind of GPU: write them into the host file or the profile",
        "compatible_strategies": "ways of running on several machines; a profile runs on one",
        "dependencies": "what is installed beside vLLM: a profile runs its image as it is",
    }
    return whys.get(key, "has no key in a profile")


def _features(tree: Setting, remarks: list[Problem]) -> Iterator[Setting]:
    """The arguments of the features that are on unless somebody turns them off."""
    optional = {plain(item) for item in each(tree.at(("opt_in_features",)) or tree._replace(value=()))}
    for name, feature in items(tree.at(("features",))):
        arguments = feature.at(("args",))
        if name in optional:
            shown = " ".join(plain(item) for item in each(arguments)) if arguments is not None else ""
            message = "is off unless somebody turns it on" + (f": {shown}" if shown else "")
            remarks.append(left_out(feature.place, f"features.{name}", message))
        else:
            yield from each(arguments) if arguments is not None else ()
        for key, value in items(feature):
            if key not in ("description", "args") and value.value:
                remarks.append(left_out(value.place, f"features.{name}.{key}", "has no key in a profile"))


def _variant(
    tree: Setting, repo: Setting, model: Setting, name: str, variant: Setting, features: list[Setting]
) -> Found:
    own = variant.at(("model_id",)) or repo
    slug = tree.at(("meta", "slug"))
    base = plain(slug) if slug is not None and plain(slug) else plain(repo).rpartition("/")[2]
    found = Found(base if name == "default" else f"{base}-{name}", variant.place, bare=True)
    found.line = [own._replace(value=text) for text in ("vllm", "serve", plain(own))]
    for part in (model.at(("base_args",)), variant.at(("extra_args",))):
        found.line += [item._replace(value=plain(item)) for item in each(part)] if part is not None else []
    found.line += [item._replace(value=plain(item)) for item in features]
    for part in (model.at(("base_env",)), variant.at(("extra_env",))):
        found.env |= {key: value._replace(value=plain(value)) for key, value in items(part)}
    title, text = tree.at(("meta", "title")), variant.at(("description",))
    about = ": ".join(plain(each_) for each_ in (title, text) if each_ is not None)
    if about:
        found.put("description", " ".join(about.split()), variant.place)
    first = model.at(("min_vllm_version",))
    if first is not None and plain(first):
        found.put("needs.version", plain(first), first.origin)
        found.put("needs.reason", "the recipe names it as the first release", first.origin)
    return found
