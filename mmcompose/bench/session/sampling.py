"""The sampling that a model's authors advise, as options of the client that scores its answers."""

from __future__ import annotations

import json

from mmcompose.core.pipeline import Compilation
from mmcompose.model import Service


def advised(made: Compilation, service: Service) -> tuple[str, ...]:
    """The options; none where the model's file advises nothing, so that answers are the likeliest ones."""
    layer = made.documents.of("model").get(service.model or "")
    tree = layer.root.at(("sampling",)) if layer else None
    values = dict(tree.plain()) if tree else {}
    temperature = values.pop("temperature", None)
    options = ("--temperature", str(temperature)) if temperature is not None else ()
    return (*options, "--extra-body", json.dumps(values)) if values else options
