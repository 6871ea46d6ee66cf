"""Bad sources end in one clear line each, with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mmcompose.core.read.load import MAX_BYTES
from mmcompose.model.failure import Failure
from tests.core.imports.importing import from_compose, from_llama_swap, from_recipe, from_run, from_workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmcompose.core.imports.result import Imported

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
CASES: list[tuple[Callable[[str], Imported], str, str]] = [
    (from_compose, "", "docker-compose.yml:1:1: the file is empty"),
    (from_compose, "services: [1]", "services: must be a mapping of services"),
    (from_compose, "services: {a: 1}", "docker-compose.yml:1:12: services.a: must be a mapping"),
    (from_compose, "services: {a: {image: x, command: 'a \"b'}}", 'services.a.command: the quote " is never closed'),
    (from_compose, "services: !reset null", "the tag '!reset' has no meaning here"),
    (from_compose, "a: b: c", "docker-compose.yml:1:5"),
    (from_compose, "services: \x07", "U+0007 is not allowed in YAML"),
    (from_compose, "services: {a: {<<: [1]}}", "a merge key takes mappings"),
    (from_compose, BOMB, "holds more than 100000 values"),
    (from_compose, "x" * (MAX_BYTES + 1), "is larger than 1 MiB"),
    (from_compose, "[" * 200, "is nested deeper than 64 levels"),
    (from_run, "docker run 'x", "docker run:1:12: the quote ' is never closed (close it with another ')"),
    (from_run, "podman ps", "docker run:1:1: is no `docker run` command"),
    (from_run, "docker run " + "x " * 30_000, "has more than 20000 parts"),
    (from_llama_swap, "models: 3", "models: must be a mapping of models"),
    (from_llama_swap, "models: {a: {cmd: ''}}", "models.a.cmd: must be a command"),
    (from_llama_swap, "models: {a: {cmd: 'x \"'}}", 'models.a.cmd: the quote " is never closed'),
    (from_llama_swap, f"macros: {{a: {'y' * 2000}}}\nmodels: {{a: {{cmd: x}}}}", "macros: one of them is too long"),
    (from_workbench, "models: {}", "models: must be a list of models"),
    (from_workbench, "models: [{backend: vllm}]", "models.yaml:1:10: models[0]: has no repo_id"),
    (lambda text: from_recipe(text, "a.yaml"), "meta: {}", "a.yaml:1:1: model.model_id: is missing"),
    (from_recipe, "x" * (MAX_BYTES + 1), "recipe.md:1:1: is larger than 1 MiB"),
]


@pytest.mark.parametrize(("read", "text", "line"), CASES)
def test_a_bad_source_is_one_clear_line(read: Callable[[str], Imported], text: str, line: str) -> None:
    with pytest.raises(Failure) as failure:
        read(text)
    assert line in failure.value.message
    assert failure.value.code == 2
    assert len(failure.value.message.splitlines()) == 1, failure.value.message


def test_macros_that_grow_without_end_are_stopped() -> None:
    macros = "\n".join(f"  m{n}: {f'${{m{n + 1}}}' * 20}" for n in range(9))
    with pytest.raises(Failure, match="grows without end"):
        from_llama_swap(f"macros:\n{macros}\n  m9: {'z' * 900}\nmodels: {{a: {{cmd: '${{m0}}'}}}}\n")


@pytest.mark.parametrize("name", ["\u2028", "a" * 300, "%", "- x", "#", "null", "../../etc"])
def test_hostile_names_become_plain_ones(name: str) -> None:
    made = from_compose(f"services: {{{name!r}: {{image: 'vllm/vllm-openai:v0.24.0', command: [a/b]}}}}")
    assert made.profiles in (["imported"], ["etc"], ["null"], ["u2028"])
