"""Writes problems as SARIF, for the code scanning of a forge: each rule with its title, its reason and a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mmcompose.model import Problem

_FAMILIES: Mapping[str, tuple[str, str]] = {
    "flag": ("An argument that the engine's release takes", "the engine would refuse it, or read something else"),
    "args": ("An argument with a value", "without one the flag is not set at all"),
    "ovms": ("A file that OpenVINO Model Server takes", "the server would refuse to load it"),
    "zoo": ("A whole entry of the vision zoo", "the service could not load the model"),
    "bench": ("A benchmark that can ask this engine", "it would end without a figure"),
    "gpu": ("GPUs that the host has", "the container could not get them"),
    "ports": ("A port of its own for each service", "two containers cannot publish one port"),
    "version": ("A release that its image has", "what runs would be another release"),
    "needs": ("A release that can load the model", "the engine would fail while it starts"),
    "known-bad": ("Nothing that is known not to work", "others have met this failure"),
    "weights": ("Weights that the engine reads", "the engine would find nothing to load"),
    "waivers": ("Waivers that waive something", "one that waives nothing hides the next fault"),
    "waiver": ("Waivers that are judged again in time", "what was right once may be wrong now"),
    "beside": ("No files beside the generated ones that change them", "a reviewer does not see what they do"),
    "short-name": ("Short names that mean a profile", "a command of that name would come first, or none would come"),
    "why": ("Reasons of values that are there", "a reason without its value misleads"),
    "yaml": ("Well-formed YAML", "it cannot be read otherwise"),
    "schema": ("Keys and values that have a meaning", "what has none would be ignored"),
    "template": ("Templates that render", "no compose file could be written"),
    "render": ("A compose file that is YAML", "Compose could not read it"),
}
"""The requirement of each family of rules, and its reason, by the first part of their names."""
_OTHERS = ("A value that means what it says", "what was asked for could not be done as it is written")


def as_sarif(problems: Sequence[Problem], sentence: Callable[[Problem], str]) -> dict[str, Any]:
    names = sorted({problem.rule or "mmcompose" for problem in problems})
    driver = {"name": "mmcompose", "rules": [_rule(name) for name in names]}
    results = [_result(problem, sentence(problem)) for problem in problems]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _rule(name: str) -> dict[str, Any]:
    from mmcompose.core.check.rules.catalogue import RULES

    rule = next((rule for rule in RULES if rule.id == name), None)
    if rule is not None:
        title, asks, why, page = rule.title, rule.asks, rule.why, f"docs/rules.md#{name.lower()}"
    else:
        family = name.replace(".", "-").partition("-")[0]
        title, why = next((_FAMILIES[part] for part in (name, family) if part in _FAMILIES), _OTHERS)
        asks, page = title, "docs/keys.md"
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{asks}: {why}"},
        "help": {"text": f"{page} says more", "markdown": f"[{page}]({page}) says more"},
    }


def _result(problem: Problem, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": problem.rule or "mmcompose",
        "level": problem.severity,
        "message": {"text": f"{text} ({problem.hint})" if problem.hint else text},
    }
    if problem.origin and problem.origin.line:
        # A path relative to the project.
        uri = quote(problem.origin.file, safe="/", errors="surrogateescape")
        region = {"startLine": problem.origin.line, "startColumn": problem.origin.column}
        place = {"artifactLocation": {"uri": uri}, "region": region}
        found["locations"] = [{"physicalLocation": place}]
    return found
