"""Command lines that start an engine: `docker run …`, or the engine's program itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmcompose.core.imports.sources import docker_run
from mmcompose.core.imports.sources.found import HUB_TOKENS, Findings, Found
from mmcompose.core.imports.sources.remarks import Remarks, refusal
from mmcompose.core.imports.sources.shell import commands
from mmcompose.core.imports.sources.variables import filled
from mmcompose.model import Origin, Setting
from mmcompose.model.failure import Invalid


def one(text: str, source: str, home: str) -> Findings:
    """The one container that a typed command starts; raises Invalid for anything else."""
    start = Origin("import", source, 1, 1)
    cut, problems = commands(text, start)
    if problems:
        raise Invalid(problems)
    mine = [command for command in cut if docker_run.is_docker_run(command)]
    if not mine:
        raise refusal(start, "", "is no `docker run` command", "write docker run IMAGE …")
    remarks = Remarks()
    for other in (other[0] for other in cut if other is not mine[0]):
        remarks.left_out(other.origin, "", f"the command {other.value!r} is not imported")
    parts = with_variables(mine[0], {"HOME": home}, remarks)
    return Findings([container(parts, "imported")], remarks)


def container(parts: Sequence[Setting], name: str) -> Found:
    """The container of `docker run`; else a bare command, which runs on the host itself."""
    if not docker_run.is_docker_run(parts):
        return Found(name, parts[0].origin, line=list(parts), bare=True)
    found = docker_run.read(parts, name)
    if found.name == name:
        found.name = called(found) or name
    return found


def called(found: Found) -> str:
    """A name for a container without one: the last name of its image."""
    image = str(found.image.value) if found.image else ""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def with_variables(parts: Sequence[Setting], known: Mapping[str, str], remarks: Remarks) -> list[Setting]:
    """The parts with the variables of the shell filled in; what has no value stays as it is, and is reported."""
    made: list[Setting] = []
    for part in parts:
        text = str(part.value)
        for current in ("$(pwd)", "${PWD}", "$PWD"):
            text = text.replace(current, ".")
        if "$" in text:
            result = filled(text, known)
            for name in result.bare:
                if name not in HUB_TOKENS:
                    hint = "write its value into the profile"
                    remarks.left_out(part.origin, name, "is a variable of the shell, without a value here", hint)
            text = filled(text, {**known, **{name: f"${name}" for name in result.bare}}).text
        made.append(part._replace(value=text))
    return made
