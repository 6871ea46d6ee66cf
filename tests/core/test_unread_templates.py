"""A template of a project's own that nothing fills is named, with the template that was probably meant."""

from __future__ import annotations

import pytest

from tests.making import compilation, of_rule

CHAT = "model: qwen-small\n"


def unread(**templates: str) -> list[str]:
    files = {"profiles/chat.yaml": CHAT, **{f"templates/{name}": text for name, text in templates.items()}}
    return [str(problem) for problem in of_rule(compilation(files), "name") if "is not read" in problem.message]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("compose/parts/healt.yaml.j2", "did you mean templates/compose/parts/health.yaml.j2?"),
        ("compose/health.yaml.j2", "did you mean templates/compose/parts/health.yaml.j2?"),
        ("compose/rot.yaml.j2", "did you mean templates/compose/root.yaml.j2?"),
        ("llamacpp/services.yaml.j2", "did you mean templates/llamacpp/service.yaml.j2?"),
        ("compose/service.yaml.j2", "remove it, or take it in from another template"),
        ("compose/zzzzzz.yaml.j2", "remove it, or take it in from another template"),
        ("zzzzzz.yaml.j2", "remove it, or take it in from another template"),
    ],
)
def test_a_misspelled_template_is_named(name: str, hint: str) -> None:
    assert unread(**{name: "{# mine #}"}) == [f"templates/{name}:1:1: warning: is not read ({hint})"]


@pytest.mark.parametrize(
    "name",
    [
        "compose/parts/health.yaml.j2",
        "compose/root.yaml.j2",
        "compose/_macros.yaml.j2",
        "_macros.yaml.j2",
        "bench.yaml.j2",
        "llamacpp/service.yaml.j2",
        "ovms/more.json.j2",
    ],
)
def test_a_template_that_is_filled_is_not(name: str) -> None:
    assert unread(**{name: "{# mine #}"}) == []


@pytest.mark.parametrize(
    "tag", ['{% include "compose/mine.yaml.j2" %}', "{%- from 'compose/mine.yaml.j2' import x %}", "{% include mine %}"]
)
def test_a_template_that_another_takes_in_is_not(tag: str) -> None:
    assert unread(**{"compose/root.yaml.j2": tag, "compose/mine.yaml.j2": "{# mine #}"}) == []
