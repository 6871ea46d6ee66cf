"""Reads a Model Workbench's models.yaml: defaults of each backend, and models with what they set otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mmcompose.core.imports.sources.remarks import Remarks, refusal
from mmcompose.core.imports.sources.tree import items, others, parsed, plain, required
from mmcompose.model import Setting

BACKEND_KEYS = ("version", "image_type", "args", "docker_image")
_READ_OF_MODEL = ("repo_id", "backend", "backends", "revision", "description", "name")


class WorkbenchModel(NamedTuple):
    """A model for one backend: its settings, those of the model over those of the defaults."""

    repo: Setting
    backend: str
    settings: Mapping[str, Setting]
    args: Mapping[str, Setting]
    revision: Setting | None = None
    description: Setting | None = None
    name: str = ""


class Workbench(NamedTuple):
    models: list[WorkbenchModel]
    remarks: Remarks


def read(file: str, data: bytes) -> Workbench:
    """The models, one for each backend that a model names; raises Invalid where the file cannot be read."""
    tree = parsed(file, data)
    models = required(tree, "models", tuple, "list of models", "the models.yaml of a Model Workbench")
    remarks = Remarks()
    others(tree, "", ("defaults", "models"), remarks)
    others(tree.at(("defaults",)), "defaults.", ("backends",), remarks)
    defaults = dict(items(tree.at(("defaults", "backends"))))
    for name, part in defaults.items():
        others(part, f"defaults.backends.{name}.", BACKEND_KEYS, remarks)
    found: list[WorkbenchModel] = []
    for index, model in enumerate(models.value):
        repo = model.at(("repo_id",))
        if repo is None or not plain(repo):
            raise refusal(model.origin, f"models[{index}]", "has no repo_id", "write repo_id: owner/name")
        others(model, f"models[{index}].", _READ_OF_MODEL, remarks)
        own = dict(items(model.at(("backends",))))
        for name, part in own.items():
            others(part, f"models[{index}].backends.{name}.", BACKEND_KEYS, remarks)
        names = _backends(model, own, plain(repo))
        found += [_one(model, repo, name, defaults.get(name), own.get(name)) for name in names]
    return Workbench(found, remarks)


def _backends(model: Setting, own: Mapping[str, Any], repo: str) -> list[str]:
    """The backends of a model: the one that it names, those that it sets, else the one of its format."""
    names = filter(None, (plain(model.at(("backend",))), *own))
    return list(dict.fromkeys(names)) or ["llama" if "gguf" in repo.lower() else "vllm"]


def _one(model: Setting, repo: Setting, backend: str, default: Setting | None, own: Setting | None) -> WorkbenchModel:
    settings, args = dict[str, Setting](), dict[str, Setting]()
    for part in (default, own):
        settings |= {key: value for key, value in items(part) if key in BACKEND_KEYS and key != "args"}
        args |= dict(items(part.at(("args",)))) if part is not None else {}
    revision, description = model.at(("revision",)), model.at(("description",))
    return WorkbenchModel(repo, backend, settings, args, revision, description, plain(model.at(("name",))))
