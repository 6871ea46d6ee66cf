"""Sorts an engine's arguments: those of its template into their own keys, the others under `args:`."""

from __future__ import annotations

from typing import Any

from mmcompose.core.check.rules.secrets import secret_in
from mmcompose.core.imports.programs import arguments_of, unwrapped
from mmcompose.core.imports.subject import Draft
from mmcompose.engines.flags.check import check
from mmcompose.engines.flags.history import History
from mmcompose.engines.flags.names import lookup
from mmcompose.engines.flags.read_back import ReadArgument, read_line
from mmcompose.model import Origin, Problem, Setting

_OF_ANY = {
    "model": "model", "model_id": "model", "model_path": "model", "served_model_name": "served_name",
    "revision": "revision", "host": "", "hostname": "", "port": "port",
}  # fmt: skip
"""The meaning of arguments that a template writes, for a backend of the project's own."""
_PARALLEL = ("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "tp_size", "pp_size", "dp_size")


def take_arguments(one: Draft) -> None:
    parts = arguments_of(one.found, one.ground, one.backend)
    one.exports = unwrapped(one.found)[1]
    history = one.ground.history(one.backend)
    rendered = one.ground.of_backend(one.backend, "rendered_args")
    ours = {str(each.value) for each in rendered.value} if rendered else set()
    takes = {**{name: role for name, role in _OF_ANY.items() if name in ours}, **one.ground.facts(one.backend).takes}
    release = one.service.release
    line = read_line(history, release, [str(part.value) for part in parts])
    twins = _twins(history, release, [*takes, *one.service.args])
    _positional(one, [parts[index] for index in line.positional], takes)
    kept: dict[str, tuple[Any, Origin]] = {}
    for spelled in line.arguments:
        origin = parts[spelled.first].origin
        argument = spelled._replace(name=twins.get(_main(history, release, spelled.name), spelled.name))
        one.seen.add(argument.name)
        if argument.name in takes:
            _role(one, takes[argument.name], argument, origin)
        elif argument.lacks_value:
            one.remarks.left_out(origin, parts[argument.first].value, "has no value")
        elif isinstance(argument.value, str) and secret_in(argument.name, argument.value):
            hint = f"write the value into secrets/{argument.name}, and name the file under secrets:"
            one.remarks.left_out(origin, parts[argument.first].value, "holds a secret, which no profile may", hint)
        else:
            kept[argument.name] = argument.value, origin
    for name, (value, origin) in kept.items():
        one.values["args", name] = Setting(value, origin)
    _count_gpus(one, kept)
    one.remarks += unknown(history, release, kept, one.found.origin)


def _main(history: History | None, release: str | None, name: str) -> str:
    """The main name of a flag."""
    found = lookup(history, history.place(release).low, name) if history else None
    return found.flag.name if found else name


def _twins(history: History | None, release: str | None, names: list[str]) -> dict[str, str]:
    """The names by which the project's files and the template call a flag, by its main name."""
    return {_main(history, release, name): name for name in names}


def unknown(
    history: History | None, release: str | None, kept: dict[str, tuple[Any, Origin]], whole: Origin
) -> list[Problem]:
    """Reports what the pinned engine does not take, at its place in the source."""
    faults = check(history, release, {name: value for name, (value, _) in kept.items()})
    return [
        Problem(
            kept[str(fault.path[0])][1] if fault.path and str(fault.path[0]) in kept else whole,
            ".".join(("args", *map(str, fault.path))), fault.message, fault.hint, "import.flag", "warning",
        )
        for fault in faults
    ]  # fmt: skip


def _positional(one: Draft, parts: list[Setting], takes: dict[str, str]) -> None:
    for part in parts:
        if one.loaded is None and "model" in takes.values() and takes.get("config_path") is None:
            one.loaded = part
        else:
            one.remarks.left_out(part.origin, "command", f"{part.value!r} belongs to no option")


def _role(one: Draft, role: str, argument: ReadArgument, origin: Origin) -> None:
    values = argument.value if isinstance(argument.value, list) else [argument.value]
    text = "" if not values or values[0] is None else str(values[0])
    if role == "model":
        one.loaded = Setting(text, origin)
    elif role in ("repo", "file", "revision"):
        one.put(f"weights.{role}", text, origin)
    elif role == "served_name":
        _served(one, [str(value) for value in values if value is not None], origin)
    elif role == "port":
        one.port = text
    elif role == "grpc" and text.isdigit():
        one.put("listen.grpc", int(text), origin)
    elif role == "key":
        key = one.service and (one.base.engines[one.name].probe.key_env if one.base else None)
        name = (key or f"{one.backend}_api_key").lower()
        one.make_secret(
            name, {"value_env": key or name.upper()}, origin, "--api-key", "a key in a command is seen by everybody"
        )


def _served(one: Draft, names: list[str], origin: Origin) -> None:
    for index, name in enumerate(names):
        if index == 0:
            one.put("served_name", name, origin)
        elif not one.ours:
            hint = "clients may ask for the served name, or for the repository"
            one.remarks.left_out(origin, "served_name", f"the further name {name!r}", hint)


def _count_gpus(one: Draft, kept: dict[str, tuple[Any, Origin]]) -> None:
    """A command without a container takes as many GPUs as its ranks; llama.cpp takes all that it sees."""
    if not one.found.bare or one.found.gpus is not None or ("gpu", "count") in one.values:
        return
    ranks = [(value, origin) for name, (value, origin) in kept.items() if name in _PARALLEL and isinstance(value, int)]
    count = 1
    for value, _ in ranks:
        count *= max(1, value)
    if ranks:
        one.put("gpu.count", count, ranks[0][1])
    elif kept.get("n_gpu_layers", (0, one.found.origin))[0] not in (0, "0"):
        one.put("gpu.count", "all", kept["n_gpu_layers"][1])
