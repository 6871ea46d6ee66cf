"""Turns the models of a Model Workbench into model files, and a profile for each of their backends."""

from __future__ import annotations

from mmcompose.core.edit.writing import in_order, written
from mmcompose.core.imports.arguments import unknown
from mmcompose.core.imports.draft import pruned, take_host
from mmcompose.core.imports.ground import ImportGround
from mmcompose.core.imports.result import Decision, Imported, fitted
from mmcompose.core.imports.sources.found import Found
from mmcompose.core.imports.sources.remarks import Remarks
from mmcompose.core.imports.sources.workbench import Workbench, WorkbenchModel
from mmcompose.core.imports.subject import Draft
from mmcompose.core.imports.weights import take_known_model
from mmcompose.core.read.documents import name_like
from mmcompose.model import Path, Problem, Setting
from mmcompose.model.paths import of_profile

_PLACES = {"version": "version", "image_type": "image_type", "docker_image": "image"}


def imported(read: Workbench, ground: ImportGround, choice: Decision, command: str) -> Imported:
    """The files of all models. A model that the project knows keeps its file."""
    files: dict[str, str] = {}
    profiles: list[str] = []
    remarks = Remarks(read.remarks)
    counts: dict[str, int] = {}
    for model in read.models:
        counts[str(model.repo.value)] = counts.get(str(model.repo.value), 0) + 1
    for model in read.models:
        name = called(model)
        if choice.only and name not in choice.only and model.repo.value not in choice.only:
            continue
        backend = choice.backend or _backend(ground, model.backend)
        if backend is None:
            message = f"no backend is called {model.backend!r}"
            remarks.left_out(model.repo.origin, f"backends.{model.backend}", message, "--backend names one")
            continue
        whole = name if counts[str(model.repo.value)] == 1 else f"{name}-{backend.replace('_', '-')}"
        one = _draft(model, ground, backend, f"{choice.name}-{whole}" if choice.name else whole, choice.host)
        comment = f"Imported from {model.repo.origin} by `mmcompose import {command}`."
        if ("model",) not in one.values:
            weights = {path: value for path, value in one.values.items() if path[0] == "weights"}
            one.values = {path: value for path, value in one.values.items() if path[0] != "weights"}
            one.values["model",] = Setting(name, model.repo.origin)
            text, unfit = _model_file(model, weights, ground, comment)
            files[_file_of(name)] = text
            one.remarks += unfit
        values, unfit = fitted(in_order(one.values), ground, "profile")
        path = of_profile(one.name)
        files[path] = written(values, ground.heads("profile", path, comment))
        profiles.append(one.name)
        remarks += [*one.remarks, *unfit]
    return Imported(files, profiles, remarks)


def called(model: WorkbenchModel) -> str:
    return name_like((model.name or str(model.repo.value)).rpartition("/")[2], "model")


def _backend(ground: ImportGround, name: str) -> str | None:
    """The backend of this name, or the one whose engine people call so."""
    if ground.backend(name):
        return name
    return next((other for other in ground.documents.of("backend") if name in ground.facts(other).called), None)


def _draft(model: WorkbenchModel, ground: ImportGround, backend: str, name: str, host: str | None) -> Draft:
    one = Draft(Found(name, model.repo.origin, bare=True), ground, backend, name)
    one.put("backend", backend, model.repo.origin)
    take_host(one, host)
    for key, place in _PLACES.items():
        if key in model.settings:
            value = model.settings[key]
            one.put(place, value.value if key == "image_type" else str(value.value), value.origin)
    one.put("weights.repo", str(model.repo.value), model.repo.origin)
    if model.revision is not None:
        one.put("weights.revision", str(model.revision.value), model.revision.origin)
    take_known_model(one)
    base = ground.resolved(name, one.values)
    one.base = base
    if base is not None and base.host.gpus:
        one.put("gpu.count", "all", model.repo.origin)
    for key, value in model.args.items():
        one.values["args", key] = Setting(value.plain(), value.origin)
    one.seen = set(model.args)
    one.remarks += _flags(one, model, base.services[name].release if base else None)
    weights: dict[Path, Setting] = {path: value for path, value in one.values.items() if path[0] == "weights"}
    pruned(one)
    if ("model",) not in one.values:
        one.values |= weights
        if backend in _SINGLE_FILE:
            hint = "write weights.file into the model file, the name of one file of the repository"
            one.remarks.left_out(model.repo.origin, "weights.file", "no file of the repository is named", hint)
    return one


_SINGLE_FILE = ("llamacpp", "ik_llama")


def _flags(one: Draft, model: WorkbenchModel, release: str | None) -> list[Problem]:
    kept = {key: (value.plain(), value.origin) for key, value in model.args.items()}
    return unknown(one.ground.history(one.backend), release, kept, model.repo.origin)


def _model_file(
    model: WorkbenchModel, weights: dict[Path, Setting], ground: ImportGround, comment: str
) -> tuple[str, list[Problem]]:
    values: dict[Path, Setting] = {}
    if model.description is not None:
        values["description",] = Setting(str(model.description.value), model.description.origin)
    values |= weights
    if "gguf" in str(model.repo.value).lower():
        values["weights", "format"] = Setting("gguf", model.repo.origin)
    values["served_name",] = Setting(called(model), model.repo.origin)
    fitting, unfit = fitted(values, ground, "model")
    return written(fitting, ground.heads("model", _file_of(called(model)), comment)), unfit


def _file_of(model: str) -> str:
    return f"profiles/models/{model}.yaml"
