"""Completes and checks the list of models of a vision zoo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mmcompose.engines.place import Place
from mmcompose.model import Fault, Service, ZooModel


def enabled(models: Mapping[str, ZooModel]) -> dict[str, ZooModel]:
    return {name: model for name, model in models.items() if model.enabled}


def context(service: Service, _: Place) -> Mapping[str, Any]:
    return {"models": enabled(service.zoo)}


def check(service: Service, _: Place) -> Iterator[Fault]:
    """Judges entries as a whole, since one may be made from several layers."""
    if not enabled(service.zoo):
        yield Fault.of("zoo", "no model is enabled", "enable at least one model", "zoo-empty")
    for name, model in service.zoo.items():
        for key, hint in _HINTS.items():
            if getattr(model, key) is None:
                yield Fault.of(f"zoo.{name}.{key}", "is missing", hint, "zoo-incomplete")
        if model.loader == "ultralytics" and (model.revision or model.dtype):
            what = "revision" if model.revision else "dtype"
            hint = "leave it out: a file of weights has one version and one type"
            yield Fault.of(f"zoo.{name}.{what}", "must not be set for ultralytics", hint, "zoo-loader")


_HINTS = {
    "loader": "write ultralytics, or a class of transformers such as AutoModelForDepthEstimation",
    "source": "write a repository on the hub, or a path inside the container",
}
