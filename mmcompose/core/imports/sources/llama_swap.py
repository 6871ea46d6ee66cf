"""Reads a configuration of llama-swap: each model is a command, with macros filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mmcompose.core.imports.sources.found import Findings, Found
from mmcompose.core.imports.sources.lines import container
from mmcompose.core.imports.sources.remarks import Remarks, refusal
from mmcompose.core.imports.sources.shell import commands, in_lines
from mmcompose.core.imports.sources.tree import each, items, others, parsed, plain, required
from mmcompose.model import Setting
from mmcompose.model.failure import Invalid

_MACRO = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")
_DEEPEST = 10
_LONGEST = 100_000
_LONGEST_MACRO = 1024
PORT = "0"
"""Stands for ${PORT}: llama-swap chooses one at each start, as mmcompose does for `auto`."""
_WHY = {
    "ttl": "a profile stays up until `mmcompose down` or `switch`",
    "groups": "profiles that share a GPU are switched with `mmcompose switch`",
    "aliases": "an engine of a profile has one served name",
    "proxy": "the address follows from the profile's ports",
    "checkEndpoint": "the backend has its own check",
    "cmdStop": "Compose stops the container",
    "healthCheckTimeout": "the health check leaves time to load, by the size of the weights",
    "apiKeys": "they belong to llama-swap; an engine's own key is a file under secrets/",
    "filters": "no gateway stands before the engine; clients send their own parameters",
    "startPort": "ports come from the range in mmcompose.yaml",
}
"""Why keys have no place in a profile; all others have none either."""
_READ = ("models", "macros")
_READ_OF_MODEL = ("cmd", "env", "macros", "name", "description", "useModelName")


def read(file: str, data: bytes, known: Mapping[str, str]) -> Findings:
    """The models of a configuration; raises Invalid where it cannot be read. `known` are variables of `${env.…}`."""
    tree = parsed(file, data)
    models = required(tree, "models", dict, "mapping of models", "a configuration of llama-swap")
    remarks = Remarks()
    others(tree, "", _READ, remarks, _WHY)
    environment = {f"env.{name}": value for name, value in known.items()}
    shared = {**environment, **{name: plain(value) for name, value in items(tree.at(("macros",)))}}
    text = data.decode("utf-8-sig")
    return Findings([_model(name, model, shared, text) for name, model in models.value.items()], remarks)


def _model(name: str, model: Setting, shared: Mapping[str, str], text: str) -> Found:
    command = model.at(("cmd",))
    if command is None or not isinstance(command.value, str) or not command.value.strip():
        raise refusal(model.place, f"models.{name}.cmd", "must be a command", "write cmd: and a command")
    remarks = Remarks()
    others(model, f"models.{name}.", _READ_OF_MODEL, remarks, _WHY)
    macros = {**shared, **{key: plain(value) for key, value in items(model.at(("macros",)))}}
    macros |= {"PORT": PORT, "MODEL_ID": name}
    if any(len(value) > _LONGEST_MACRO for value in macros.values()):
        hint = f"llama-swap takes {_LONGEST_MACRO} characters at most"
        raise refusal(model.place, "macros", "one of them is too long", hint)
    lines = (line for line in command.value.split("\n") if not line.lstrip().startswith("#"))
    # A command of several lines is one command: only a shell would end it at a line's end.
    filled = _filled("\n".join(lines), macros, command, remarks)
    joined = re.sub(r"\\?\n", " ", filled)
    cut, problems = commands(joined, command.origin)
    if problems:
        raise Invalid([problem._replace(path=f"models.{name}.cmd") for problem in problems])
    if not cut:
        raise refusal(command.place, f"models.{name}.cmd", "must be a command", "write a command")
    found = container(in_lines(cut[0], text, command), name)
    for other in (command[0] for command in cut[1:]):
        remarks.left_out(other.origin, f"models.{name}.cmd", f"{other.value!r} is not imported")
    found.name, found.origin = name, model.place
    found.remarks = Remarks([*remarks, *found.remarks])
    for item in each(model.at(("env",))):
        key, _, value = _filled(plain(item), macros, item, remarks).partition("=")
        found.env[key] = item._replace(value=value)
    _names(found, model, name)
    return found


def _names(found: Found, model: Setting, name: str) -> None:
    """Clients of llama-swap ask for the model by its key; the engine is asked by `useModelName`."""
    for key in ("description", "name"):
        value = model.at((key,))
        if value is not None and plain(value):
            found.values["description",] = value._replace(value=" ".join(plain(value).split()))
            break
    found.put("served_name", name, model.place)
    upstream = model.at(("useModelName",))
    if upstream is not None and plain(upstream) not in ("", name):
        found.remarks.changed(
            upstream.place, "useModelName", f"clients ask the engine for {name} from now on", "or change served_name"
        )


def _filled(text: str, macros: Mapping[str, str], place: Setting, remarks: Remarks) -> str:
    """Macros may hold macros; one that nobody defines is reported, and left out."""
    for _ in range(_DEEPEST):
        if not _MACRO.search(text) or len(text) > _LONGEST:
            break
        text = _MACRO.sub(lambda found: macros.get(found[1], f"\0{found[1]}\0"), text)
    for name in dict.fromkeys(re.findall(r"\0([^\0]*)\0", text)):
        hint = "write its value into the profile"
        remarks.left_out(place.origin, name, "is no macro with a value here", hint)
    if len(text) > _LONGEST:
        raise refusal(place.origin, "", "grows without end by its macros", "write them out")
    return re.sub(r"\0[^\0]*\0", "", text)
