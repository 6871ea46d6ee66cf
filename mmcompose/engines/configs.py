"""Engines that read configuration files: the context of their templates, and the faults of their settings.

A backend names its row by `configs:`. The files themselves are templates beside its `service.yaml.j2`; they are mounted
under /config.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mmcompose.engines import zoo
from mmcompose.engines.place import Place
from mmcompose.model import Fault, Path, Service

FOLDER = "/config"


class Configs(NamedTuple):
    """One row: how to check and complete settings. `where` turns a fault's path into the path of a profile's key."""

    context: Callable[[Service, Place], Mapping[str, Any]]
    check: Callable[[Service, Place], Iterator[Fault]]
    where: Callable[[Path], Path]


def _ovms_options(service: Service, place: Place) -> dict[str, Any]:
    # Absolute, for the graph is mounted apart from the model: a file cannot be mounted into a read-only folder.
    return {"models_path": place.model, **service.graph.options}


def _ovms_context(service: Service, place: Place) -> Mapping[str, Any]:
    from mmcompose.engines.ovms.graph.settings import complete

    graph = complete(service.graph.task or "", _ovms_options(service, place), service.release or "")
    name = service.served_name or place.model.rpartition("/")[2]
    servable = {"name": name, "base_path": place.model, "graph_path": f"{FOLDER}/graph.pbtxt"}
    return {"graph": graph, "servables": [servable], "metrics": service.graph.metrics}


def _ovms_check(service: Service, place: Place) -> Iterator[Fault]:
    from mmcompose.engines.ovms.config.metrics import check_metrics
    from mmcompose.engines.ovms.graph.settings import check_settings

    release = service.release
    if not release:
        message = f"the tag of {service.image} names no release, and each has options of its own"
        yield Fault.of("", message, "set engine_version, such as 2025.4.1", "ovms-release")
        return
    yield from check_metrics(service.graph.metrics, release)
    yield from check_settings(service.graph.task or "", _ovms_options(service, place), release, place)


def _ovms_where(path: Path) -> Path:
    return ("graph", *path) if path[:1] in (("task",), ("metrics",)) else ("graph", "options", *path)


CONFIGS: Mapping[str, Configs] = {
    "ovms": Configs(_ovms_context, _ovms_check, _ovms_where),
    "zoo": Configs(zoo.context, zoo.check, lambda path: path),
}
