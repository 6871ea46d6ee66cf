"""Layers in, one tree out: base, override, want."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.core.resolve.fold import fold, put
from mmcompose.model import Origin, Setting
from tests.making import tree

WAIVER_A = "waivers: [{rule: S01}]"
WAIVER_B = "waivers: [{rule: S02}]"


@pytest.mark.parametrize(
    ("base", "override", "want"),
    [
        ("a: 1", "b: 2", {"a": 1, "b": 2}),
        ("a: 1", "a: 2", {"a": 2}),
        ("a: {x: 1, y: 2}", "a: {y: 3}", {"a": {"x": 1, "y": 3}}),
        ("a: {x: {p: 1}}", "a: {x: {q: 2}}", {"a": {"x": {"p": 1, "q": 2}}}),
        ("a: [1, 2]", "a: [3]", {"a": [3]}),
        ("a: [1, 2]", "a: []", {"a": []}),
        ("a: 1", "a: null", {}),
        ("a: {x: 1, y: 2}", "a: {x: null}", {"a": {"y": 2}}),
        ("a: {x: 1}", "a: null", {}),
        ("a: {x: 1}", "a: {}", {"a": {"x": 1}}),
        ("a: {x: 1}", "a: 5", {"a": 5}),
        ("a: 5", "a: {x: 1}", {"a": {"x": 1}}),
        ("a: null", "a: {x: 1}", {"a": {"x": 1}}),
        ("a: null", "b: 1", {"b": 1}),
        ("a: false", "a: ''", {"a": ""}),
        (WAIVER_A, WAIVER_B, {"waivers": [{"rule": "S01"}, {"rule": "S02"}]}),
        (WAIVER_A, "waivers: null", {}),
        ("waivers: null", WAIVER_B, {"waivers": [{"rule": "S02"}]}),
        ("a: {waivers: [1]}", "a: {waivers: [2]}", {"a": {"waivers": [2]}}),
    ],
)
def test_an_override_laid_over_a_base_gives(base: str, override: str, want: object) -> None:
    assert fold([tree(base), tree(override)]).plain() == want


def test_a_null_removes_only_what_lies_below_it() -> None:
    assert fold([tree("a: 1"), tree("a: null"), tree("a: 3")]).plain() == {"a": 3}
    assert fold([tree("a: {x: 1, y: 1}"), tree("a: null"), tree("a: {y: 2}")]).plain() == {"a": {"y": 2}}


def test_a_value_remembers_everything_that_it_overrode_nearest_first() -> None:
    low, middle, high = (tree(f"a: {{x: {number}}}", file=f"{number}.yaml") for number in (1, 2, 3))
    found = fold([low, middle, high]).at(("a", "x"))
    assert found is not None
    assert found.value == 3
    assert str(found.origin) == "3.yaml:1:8"
    assert [(old.value, str(old.origin)) for old in found.overrode] == [(2, "2.yaml:1:8"), (1, "1.yaml:1:8")]
    assert all(not old.overrode for old in found.overrode)


def test_keys_keep_the_order_in_which_they_were_first_written() -> None:
    made = fold([tree("args: {b: 1, a: 2}"), tree("args: {c: 3, b: 4}")])
    assert list(made.plain()["args"]) == ["b", "a", "c"]


def test_no_layer_is_changed_by_folding() -> None:
    base, override = tree("a: {x: 1}\nb: [1]"), tree("a: {x: 2, y: 3}\nb: null")
    fold([base, override])
    assert base.plain() == {"a": {"x": 1}, "b": [1]}
    assert override.plain() == {"a": {"x": 2, "y": 3}}


def test_what_only_one_layer_has_is_shared_and_not_copied() -> None:
    base = tree("a: {x: 1}")
    assert fold([base, tree("b: 2")]).value["a"] is base.value["a"]


def setting(value: object) -> Setting:
    return Setting(value, Origin("command line", "--set"))


@pytest.mark.parametrize(
    ("base", "path", "value", "append", "want"),
    [
        ("a: 1", ("a",), 2, False, {"a": 2}),
        ("a: 1", ("b", "c"), 2, False, {"a": 1, "b": {"c": 2}}),
        ("a: {x: 1}", ("a", "y"), 2, False, {"a": {"x": 1, "y": 2}}),
        ("a: {x: 1}", ("a",), 2, False, {"a": 2}),
        ("a: 1", ("a", "x"), 2, False, {"a": {"x": 2}}),
        ("a: [1]", ("a",), 2, True, {"a": [1, 2]}),
        ("b: 1", ("a",), 2, True, {"b": 1, "a": [2]}),
        ("a: null", ("a",), 2, True, {"a": [2]}),
        ("a: 1", ("a",), None, False, {}),
    ],
)
def test_a_value_put_at_a_path(base: str, path: tuple[str, ...], value: object, append: bool, want: object) -> None:
    before = tree(base)
    plain = before.plain()
    assert put(before, path, setting(value), append=append).plain() == want
    assert before.plain() == plain


def test_a_put_value_remembers_what_stood_there() -> None:
    made = put(tree("a: {x: 1}"), ("a", "x"), setting(2)).at(("a", "x"))
    assert made is not None
    assert [(old.value, str(old.origin)) for old in made.overrode] == [(1, "x.yaml:1:8")]


plain_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
mappings = st.dictionaries(st.sampled_from("abcd"), plain_data, max_size=4)


def as_setting(data: object, layer: str) -> Setting:
    value: object = data
    if isinstance(data, dict):
        value = {name: as_setting(child, layer) for name, child in data.items()}
    elif isinstance(data, list):
        value = tuple(as_setting(child, layer) for child in data)
    return Setting(value, Origin(layer, layer))


def merged(base: object, override: object) -> object:
    """JSON Merge Patch with nulls kept until the end: what folding means, without origins."""
    if isinstance(base, dict) and isinstance(override, dict):
        return {**base, **{name: merged(base.get(name), child) for name, child in override.items()}}
    return override


def without_nulls(data: object) -> object:
    if isinstance(data, dict):
        return {name: without_nulls(child) for name, child in data.items() if child is not None}
    return data


@given(st.lists(mappings, min_size=1, max_size=4))
def test_any_layers_fold_as_a_merge_says(layers: list[dict[str, object]]) -> None:
    want: object = {}
    for layer in layers:
        want = merged(want, layer)
    assert fold([as_setting(layer, str(n)) for n, layer in enumerate(layers)]).plain() == without_nulls(want)


@given(mappings, mappings, mappings)
def test_shared_layers_may_be_folded_first(
    one: dict[str, object], two: dict[str, object], three: dict[str, object]
) -> None:
    low, middle, high = as_setting(one, "1"), as_setting(two, "2"), as_setting(three, "3")
    assert fold([fold([low, middle]), high]).plain() == fold([low, middle, high]).plain()
