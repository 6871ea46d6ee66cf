"""The server's config file: every wrong key, type and name at once, by the rules of each release."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.engines.ovms.catalogue import releases
from mmcompose.engines.ovms.config.config import check_config
from mmcompose.engines.ovms.config.json_tree import Json, Members, read_json
from tests.engines.ovms.making import RELEASES, render

EVERYTHING = {
    "model_config_list": [
        {
            "config": {
                "name": "m",
                "base_path": "/models/m",
                "batch_size": "auto",
                "model_version_policy": {"latest": {"num_versions": 2}},
                "shape": {"x": "(1,3)"},
                "layout": "NCHW",
                "nireq": 0,
                "target_device": "GPU",
                "allow_cache": True,
                "plugin_config": {"A": "x", "B": True, "C": 1.5},
                "custom_loader_options": {"loader_name": "l", "other": [1]},
            }
        },
        {"config": {"name": "n", "base_path": "n", "model_version_policy": {"specific": {"versions": [1, 3]}}}},
        {"config": {"name": "o", "base_path": "o", "model_version_policy": {"all": {}}, "batch_size": 4}},
    ],
    "mediapipe_config_list": [{"name": "g", "base_path": "g", "graph_path": "g.pbtxt", "subconfig": "s.json"}],
    "pipeline_config_list": [
        {
            "name": "p",
            "inputs": ["i"],
            "nodes": [
                {
                    "name": "a",
                    "type": "DL model",
                    "model_name": "m",
                    "version": 1,
                    "inputs": [{"x": {"node_name": "request", "data_item": "i"}}],
                    "outputs": [{"data_item": "y", "alias": "y"}],
                }
            ],
            "outputs": [{"o": {"node_name": "a", "data_item": "y"}}],
            "demultiply_count": -1,
        }
    ],
    "custom_loader_config_list": [{"config": {"loader_name": "l", "library_path": "/l.so"}}],
    "custom_node_library_config_list": [{"name": "c", "base_path": "/c.so"}],
    "monitoring": {"metrics": {"enable": True, "metrics_list": ["ovms_streams", "ovms_current_requests"]}},
}


def printed(text: str, release: str = "2025.4.1", rest_port: int | None = None) -> list[str]:
    return [str(fault) for fault in check_config(text, release, rest_port=rest_port)]


@pytest.mark.parametrize("release", releases())
def test_a_config_with_everything_in_it_is_right(release: str) -> None:
    assert printed(json.dumps(EVERYTHING, indent=2), release, 8000) == []


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("metrics", [[], ["ovms_streams", "ovms_current_graphs"]])
def test_what_we_write_is_right(release: str, count: int, metrics: list[str]) -> None:
    servables = [
        {"name": f'"odd" {n}', "base_path": f"/models/{n}", "graph_path": f"/config/{n}/graph.pbtxt"}
        for n in range(count)
    ]
    text = render("ovms/config.json.j2", servables=servables, metrics=metrics)
    assert json.loads(text)["mediapipe_config_list"] == servables
    assert printed(text, release, 8000) == []


ITEM = '{"model_config_list": [{"config": {"name": "m", %s}}]}'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{}", "1:1: the file: model_config_list is required"),
        ("[]", "1:1: the file: must be an object, not a list"),
        ("7", "1:1: the file: must be an object, not 7"),
        ('{"model_config_list": {}}', "1:23: model_config_list: must be a list, not an object"),
        ('{"model_config_list": [], "model_configs": 1}', "1:27: model_configs: no such key"),
        ('{"model_config_list": [{}]}', "1:24: model_config_list[0]: config is required"),
        ('{"model_config_list": [{"config": {}}]}', "1:35: model_config_list[0].config: name is required"),
        ('{"model_config_list": [{"name": "m"}]}', "1:25: model_config_list[0].name: no such key"),
        (ITEM % '"base_pth": "x"', "1:49: model_config_list[0].config.base_pth: no such key (did you mean base_path?)"),
        (ITEM % '"nireq": -1', "1:58: model_config_list[0].config.nireq: must be a whole number from 0 on, not -1"),
        (ITEM % '"nireq": true', "must be a whole number from 0 on, not true"),
        (ITEM % '"batch_size": 1.5', "batch_size: must be a string or a whole number from 0 on, not 1.5"),
        (ITEM % '"plugin_config": {"A": {}}', "plugin_config.A: must be a string or true or false or a number"),
        (ITEM % '"shape": ["1"]', "shape: must be a string or an object, not a list"),
        (ITEM % '"model_version_policy": {}', "needs exactly one all or latest or specific, has 0"),
        (
            ITEM % '"model_version_policy": {"latest": {"num_versions": 0}}',
            "num_versions: must be a whole number from 1",
        ),
        (ITEM % '"model_version_policy": {"all": {"a": 1}}', "model_version_policy.all.a: no such key"),
        (ITEM % '"name": "twice"', "1:49: name: given twice (first on line 1; the server takes the first)"),
        ('{"model_config_list": [], "mediapipe_config_list": [{"name": 1}]}', "must be a string, not 1"),
        ('{"model_config_list": [], "mediapipe_config_list": [{"name": ""}]}', "the name is empty"),
        (
            '{"model_config_list": [{"config": {"name": "a"}}],\n "mediapipe_config_list": [{"name": "a"}]}',
            "2:37: mediapipe_config_list: 'a' is served twice (first on line 1; the server passes over the second)",
        ),
        ('{"model_config_list": [], "monitoring": {}}', "1:41: monitoring: metrics is required"),
        ('{"model_config_list": [], "monitoring": {"metrics": {}}}', "monitoring.metrics: enable is required"),
        (
            '{"model_config_list": [], "monitoring": {"metrics": {"enable": false, "metrics_list": ["ovms_stream"]}}}',
            "the server has no metric 'ovms_stream' (did you mean ovms_streams?)",
        ),
        (
            (
                '{"model_config_list": [], "monitoring":'
                ' {"metrics": {"enable": true, "metrics_list": ["ovms_streams", "ovms_streams"]}}}'
            ),
            "ovms_streams is listed twice, which the server refuses",
        ),
        ("", "1:1: the config file is empty"),
        ("\ufeff{}", "1:1: the file begins with a byte order mark"),
        ('{"model_config_list": [],}', "1:25: no comma may stand before }"),
        ('{"model_config_list": [] // none\n}', "1:26: JSON has no comments"),
        ("{'model_config_list': []}", "1:2: strings need double quotes"),
        ("{model_config_list: []}", "1:2: the key model_config_list needs double quotes"),
        ('{"model_config_list": [NaN]}', "1:24: NaN is no JSON value"),
        ('{"model_config_list": []} x', "1:27: nothing may follow the value, found 'x'"),
        ('{"model_config_list": [', "1:24: expected ], found the end of the file"),
        ('{"model_config_list" []}', "1:22: expected : behind the key 'model_config_list'"),
        ('{"model_config_list": [01]}', "1:24: expected a number, found '01'"),
        ('{"a": "\n"}', "1:7: the string has no closing quote, or a raw control character in it"),
        ("[" * 10000, "nested deeper than 60 levels"),
        ("{" * 10000, "expected a key in quotes"),
    ],
)
def test_what_the_server_refuses(text: str, fault: str) -> None:
    reported = printed(text)
    assert any(fault in one for one in reported), reported


@pytest.mark.parametrize(
    ("release", "item", "fault"),
    [
        ("2025.0", '"graph_path": "g", "base_path": "b"', "graph_path: comes with 2025.1, not yet in 2025.0"),
        ("2025.0", '"nireq": 1', "model_config_list[0].config: base_path is required"),
        ("2026.3", '"stateful": true', "stateful: removed in 2026.3"),
        ("2026.3", '"max_sequence_number": 1', "max_sequence_number: removed in 2026.3"),
    ],
)
def test_keys_of_other_releases(release: str, item: str, fault: str) -> None:
    reported = printed(ITEM % item, release)
    assert len(reported) == 1
    assert fault in reported[0]
    assert printed(ITEM % item, "2026.2.1") == []


@pytest.mark.parametrize(("port", "refused"), [(None, False), (8000, False), (0, True)])
def test_metrics_need_the_rest_port(port: int | None, refused: bool) -> None:
    text = '{"model_config_list": [], "monitoring": {"metrics": {"enable": true}}}'
    assert any("METRICS_REST_PORT_MISSING" in one for one in printed(text, rest_port=port)) is refused
    assert printed(text.replace("true", "false"), rest_port=port) == []


def test_a_metric_of_a_later_release() -> None:
    text = '{"model_config_list": [], "monitoring": {"metrics": {"enable": true, "metrics_list": ["ovms_responses"]}}}'
    assert "ovms_responses comes with 2024.4, not yet in 2024.2" in printed(text, "2024.2")[0]


def test_a_node_of_a_pipeline_names_what_it_runs() -> None:
    odd = json.loads(json.dumps(EVERYTHING))
    odd["pipeline_config_list"][0]["nodes"][0]["type"] = "custom"
    reported = " ".join(printed(json.dumps(odd)))
    assert "a node of type 'custom' needs library_name" in reported
    assert "model_name: not for a node of type 'custom'" in reported


def plain(found: Json) -> object:
    if isinstance(found.value, Members):
        return {member.key: plain(member.value) for member in found.value.entries}
    if isinstance(found.value, list):
        return [plain(value) for value in found.value]
    return found.value


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(trees, st.sampled_from([None, 1]))
def test_the_reader_takes_all_json_and_agrees_with_the_library(tree: object, indent: int | None) -> None:
    value, faults = read_json(json.dumps(tree, indent=indent))
    assert faults == []
    assert value is not None
    assert plain(value) == tree


@given(st.text(st.sampled_from(list("{}[]:,\"\\ \n0-1e.trufalsn/'#")), max_size=30))
def test_the_reader_refuses_what_the_library_refuses(text: str) -> None:
    def no_constant(_: str) -> None:
        raise ValueError

    try:
        json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError):
        sound = False
    else:
        sound = True
    _, faults = read_json(text)
    wrong = [fault for fault in faults if fault.rule != "ovms-duplicate" and "too big" not in fault.message]
    assert (not wrong) is sound
