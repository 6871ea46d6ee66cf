"""The files of an import, and its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mmcompose.core.edit.writing import in_order, written
from mmcompose.core.imports.draft import draft
from mmcompose.core.imports.ground import ImportGround
from mmcompose.core.imports.sources.found import Findings
from mmcompose.core.imports.sources.remarks import Remarks
from mmcompose.core.imports.subject import Draft
from mmcompose.core.read import schema
from mmcompose.core.read.load import load_text
from mmcompose.model import Path, Problem, Setting, labels
from mmcompose.model.paths import of_profile


class Imported(NamedTuple):
    """Texts by their path in the project, the names of the profiles, and every remark."""

    files: dict[str, str]
    profiles: list[str]
    remarks: list[Problem]


class Decision(NamedTuple):
    """The options of an import."""

    name: str | None = None
    only: Sequence[str] = ()
    backend: str | None = None
    host: str | None = None


def imported(read: Findings, ground: ImportGround, choice: Decision, command: str) -> Imported:
    """The profiles of what was found. Services of one profile of ours become one profile again."""
    wanted = [found for found in read.found if not choice.only or found.name in choice.only]
    drafts = [one for found in wanted if (one := draft(found, ground, choice.backend, choice.host)) is not None]
    remarks = [*read.remarks, *(remark for found in wanted for remark in found.remarks)]
    groups: dict[str, list[Draft]] = {}
    for one in drafts:
        groups.setdefault(_group(one, groups, choice, len(drafts)), []).append(one)
    files: dict[str, str] = {}
    for name, members in groups.items():
        values = _values(members)
        fitting, unfit = fitted(values, ground, "profile")
        remarks += unfit
        first = members[0].found.origin
        comment = f"Imported from {first} by `mmcompose import {command}`."
        files[of_profile(name)] = written(fitting, ground.heads("profile", of_profile(name), comment))
    return Imported(files, list(groups), _ordered(remarks))


def _group(one: Draft, groups: Mapping[str, list[Draft]], choice: Decision, count: int) -> str:
    """The name of a profile: its own, or one that no other has."""
    if choice.name and (count == 1 or one.ours):
        return choice.name
    base = f"{choice.name}-{one.name}" if choice.name else one.name
    if one.ours or base not in groups:
        return base
    return next(name for number in range(2, 10_000) if (name := f"{base}-{number}") not in groups)


def _values(members: Sequence[Draft]) -> dict[Path, Setting]:
    if len(members) == 1:
        return in_order(members[0].values)
    values: dict[Path, Setting] = {}
    for one in members:
        service = one.found.labels.get(labels.SERVICE, one.name)
        for path, setting in in_order(one.values).items():
            values[path if path == ("host",) else ("services", service, *path)] = setting
    return values


def fitted(values: dict[Path, Setting], ground: ImportGround, kind: str) -> tuple[dict[Path, Setting], list[Problem]]:
    """The values that the schema of a file allows; the others are reported at their place in the source."""
    remarks = Remarks()
    for _ in range(len(values)):
        loaded, problems = load_text(kind, "", written(values))
        faults = schema.faults(ground.schemas[kind], loaded, "") if loaded is not None and not problems else []
        unfit = {path for fault in faults for path in values if fault.path[: len(path)] == path}
        if not unfit:
            break
        for fault in faults:
            at = next((path for path in values if fault.path[: len(path)] == path), None)
            if at is not None:
                problem = fault.problem
                remarks.left_out(values[at].origin, problem.path, problem.message, problem.hint)
        values = {path: value for path, value in values.items() if path not in unfit}
    return values, remarks


def _ordered(remarks: Sequence[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(remarks), key=lambda one: (one.origin is None, one.origin or (), one.path, one.message))
