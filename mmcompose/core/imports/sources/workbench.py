"""Reads a Model Workbench's models.yaml: defaults of each backend, and models with what they set otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mmcompose.core.imports.sources.found import left_out
from mmcompose.core.imports.sources.rows import items, plain
from mmcompose.core.read.load import load
from mmcompose.model import Problem, Setting
from mmcompose.model.failure import Invalid

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
    remarks: list[Problem]


def read(file: str, data: bytes) -> Workbench:
    """The models, one for each backend that a model names; raises Invalid where the file cannot be read."""
    tree, problems = load("import", file, data, foreign=True)
    if tree is None or problems:
        raise Invalid(problems)
    models = tree.at(("models",))
    if models is None or not isinstance(models.value, tuple):
        hint = "name the models.yaml of a Model Workbench"
        raise Invalid([Problem(tree.origin, "models", "must be a list of models", hint, "import")])
    remarks = list(_others(tree, "", ("defaults", "models")))
    remarks += _others(tree.at(("defaults",)), "defaults.", ("backends",))
    defaults = dict(items(tree.at(("defaults", "backends"))))
    for name, part in defaults.items():
        remarks += _others(part, f"defaults.backends.{name}.", BACKEND_KEYS)
    found: list[WorkbenchModel] = []
    for index, model in enumerate(models.value):
        repo = model.at(("repo_id",))
        if repo is None or not plain(repo):
            raise Invalid(
                [Problem(model.origin, f"models[{index}]", "has no repo_id", "write repo_id: owner/name", "import")]
            )
        remarks += _others(model, f"models[{index}].", _READ_OF_MODEL)
        own = dict(items(model.at(("backends",))))
        for name, part in own.items():
            remarks += _others(part, f"models[{index}].backends.{name}.", BACKEND_KEYS)
        names = _backends(model, own, plain(repo))
        found += [_one(model, repo, name, defaults.get(name), own.get(name)) for name in names]
    return Workbench(found, remarks)


def _others(tree: Setting | None, prefix: str, taken: tuple[str, ...]) -> Iterator[Problem]:
    for key, value in items(tree):
        if key not in taken:
            yield left_out(value.place, f"{prefix}{key}", "has no key in a profile")


def _backends(model: Setting, own: Mapping[str, Any], repo: str) -> list[str]:
    """The backends of a model: the one that it names, those that it sets, else the one of its format."""
    named = model.at(("backend",))
    names = [plain(named)] if named is not None and plain(named) else []
    return list(dict.fromkeys([*names, *own])) or ["llama" if "gguf" in repo.lower() else "vllm"]


def _one(model: Setting, repo: Setting, backend: str, default: Setting | None, own: Setting | None) -> WorkbenchModel:
    settings, args = dict[str, Setting](), dict[str, Setting]()
    for part in (default, own):
        settings |= {key: value for key, value in items(part) if key in BACKEND_KEYS and key != "args"}
        args |= dict(items(part.at(("args",)))) if part is not None else {}
    name = model.at(("name",))
    return WorkbenchModel(
        repo, backend, settings, args, model.at(("revision",)), model.at(("description",)), plain(name) if name else ""
    )
