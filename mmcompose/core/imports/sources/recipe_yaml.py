"""Reads the parts of a vLLM recipe in YAML: the model, its base arguments, its features, and its variants."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.imports.sources.found import Found
from mmcompose.core.imports.sources.remarks import Remarks, refusal
from mmcompose.core.imports.sources.tree import each, items, others, plain, texts
from mmcompose.model import Setting

_READ = ("meta", "model", "features", "opt_in_features", "variants", "guide")
_READ_OF_MODEL = (
    "model_id", "base_args", "base_env", "min_vllm_version",
    "architecture", "parameter_count", "active_parameters", "context_length",
)  # fmt: skip
_READ_OF_VARIANT = ("model_id", "extra_args", "extra_env", "description", "precision", "label")
_WHY = {
    "vram_minimum_gb": "the memory of all GPUs together; gpu.count takes as many cards as hold it",
    "hardware_overrides": "settings of one kind of GPU: write them into the host file or the profile",
    "compatible_strategies": "ways of running on several machines; a profile runs on one",
    "dependencies": "what is installed beside vLLM: a profile runs its image as it is",
}
"""Why keys have no place in a profile; all others have none either."""


def variants(tree: Setting) -> tuple[list[Found], Remarks]:
    """A server for each variant of the model, with the features that are on."""
    model = tree.at(("model",))
    repo = tree.at(("model", "model_id"))
    if model is None or repo is None or not plain(repo):
        hint = "name a recipe of models/, or a Markdown file"
        raise refusal(tree.origin, "model.model_id", "is missing", hint)
    remarks = Remarks()
    others(tree, "", _READ, remarks, _WHY)
    others(model, "model.", _READ_OF_MODEL, remarks)
    features = list(_features(tree, remarks))
    found = []
    rows = list(items(tree.at(("variants",)))) or [("default", model._replace(value={}))]
    for name, variant in rows:
        found.append(_variant(tree, repo, model, name, variant, features))
        others(variant, f"variants.{name}.", _READ_OF_VARIANT, remarks, _WHY)
    return found, remarks


def _features(tree: Setting, remarks: Remarks) -> Iterator[Setting]:
    """The arguments of the features that are on unless somebody turns them off."""
    optional = {plain(item) for item in each(tree.at(("opt_in_features",)))}
    for name, feature in items(tree.at(("features",))):
        arguments = texts(feature.at(("args",)))
        if name in optional:
            shown = " ".join(str(item.value) for item in arguments)
            message = "is off unless somebody turns it on" + (f": {shown}" if shown else "")
            remarks.left_out(feature.place, f"features.{name}", message)
        else:
            yield from arguments
        others(feature, f"features.{name}.", ("description", "args"), remarks)


def _variant(
    tree: Setting, repo: Setting, model: Setting, name: str, variant: Setting, features: list[Setting]
) -> Found:
    own = variant.at(("model_id",)) or repo
    base = plain(tree.at(("meta", "slug"))) or plain(repo).rpartition("/")[2]
    found = Found(base if name == "default" else f"{base}-{name}", variant.place, bare=True)
    found.line = [own._replace(value=text) for text in ("vllm", "serve", plain(own))]
    found.line += [*texts(model.at(("base_args",))), *texts(variant.at(("extra_args",))), *features]
    for part in (model.at(("base_env",)), variant.at(("extra_env",))):
        found.env |= {key: value._replace(value=plain(value)) for key, value in items(part)}
    about = ": ".join(filter(None, (plain(tree.at(("meta", "title"))), plain(variant.at(("description",))))))
    if about:
        found.put("description", " ".join(about.split()), variant.place)
    first = model.at(("min_vllm_version",))
    if first is not None and plain(first):
        found.put("needs.version", plain(first), first.origin)
        found.put("needs.reason", "the recipe names it as the first release", first.origin)
    return found
