"""Where a value comes from, whoever chose it, and however a person names it."""

from __future__ import annotations

import pytest

from mmcompose.core.explain import explain
from mmcompose.model.failure import Failure
from tests.making import compilation

PAIR = """\
host: cpu
services:
  small: {model: qwen-small, backend: llamacpp, args: {threads: 2}}
  other: {model: qwen-small, args: {threads: 3}}
"""
PROFILES = compilation({
    "profiles/pair.yaml": PAIR,
    "profiles/one.yaml": "host: cpu\nmodel: qwen-small\n",
    "profiles/named.yaml": "host: cpu\nmodel: qwen-small\nbackend: llamacpp\n",
}).profiles  # fmt: skip


def test_a_backend_that_the_format_chose_stands_where_the_format_does() -> None:
    (found,) = explain(PROFILES["one"], ("backend",))
    assert (found.value, found.origin.file) == ("llamacpp", "mmcompose:profiles/models/qwen-small.yaml")


def test_a_backend_that_was_named_is_reported_once() -> None:
    (found,) = explain(PROFILES["named"], ("backend",))
    assert (found.origin.file, found.origin.line, found.overrode) == ("profiles/named.yaml", 3, ())


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("args", "threads"), {"services.small.args.threads": 2, "services.other.args.threads": 3}),
        (("services", "other", "args", "threads"), {"services.other.args.threads": 3}),
        (("services", "other", "args"), {"services.other.args.threads": 3}),
    ],
    ids=["of each", "of one", "a mapping"],
)
def test_of_several_services_a_path_that_names_none_is_questioned_of_each(
    path: tuple[str, ...], found: dict[str, int]
) -> None:
    own = {one.path: one.value for one in explain(PROFILES["pair"], path) if one.origin.file == "profiles/pair.yaml"}
    assert own == found


def test_what_is_suggested_can_be_requested() -> None:
    with pytest.raises(Failure, match=r"did you mean services\.small\.args\.threads\?"):
        explain(PROFILES["pair"], ("services", "small", "args", "thread"))
