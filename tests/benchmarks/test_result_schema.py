from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchmarks.mmbench import SCHEMA

from .serving import bench, serving

PATH = Path(__file__).resolve().parents[2] / "mmcompose" / "bench" / "schema" / "result.schema.json"
SCHEMA_TEXT: dict[str, Any] = json.loads(PATH.read_text())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA_TEXT)


def problems(result: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in VALIDATOR.iter_errors(result)]


def nodes(schema: Any, where: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every schema of a named key."""
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(schema, dict):
        for name, inner in {**schema.get("properties", {}), **schema.get("definitions", {})}.items():
            found.append((f"{where}.{name}", inner))
            found += nodes(inner, f"{where}.{name}")
        if isinstance(schema.get("items"), dict):
            found += nodes(schema["items"], f"{where}[]")
    return found


def everywhere(value: Any) -> Any:
    """The same result as a later minor version could write it: one more key in every object of fixed keys."""
    if isinstance(value, list):
        return [everywhere(each) for each in value]
    if isinstance(value, dict):
        grown = {key: everywhere(each) for key, each in value.items()}
        counts = value and all(isinstance(each, int | float) for each in value.values())
        return grown if counts or not value else grown | {"something_new": {"deep": [1]}}
    return value


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with serving() as server:
        options = ("--concurrency", "2", "--requests", "6", "--slo", "ttft=500ms")
        return bench("load", server.url, tmp_path_factory.mktemp("run"), *options).result


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA_TEXT)
    assert SCHEMA_TEXT["properties"]["schema"]["const"] == SCHEMA


def test_every_key_is_described() -> None:
    assert [where for where, node in nodes(SCHEMA_TEXT) if not node.get("description")] == []


def test_every_reference_leads_somewhere() -> None:
    references = {node["$ref"] for _, node in nodes(SCHEMA_TEXT) if "$ref" in node} | {"#/definitions/point"}
    assert references == {f"#/definitions/{name}" for name in SCHEMA_TEXT["definitions"]}


def test_a_real_result_is_valid(result: dict[str, Any]) -> None:
    assert problems(result) == []


def test_every_key_of_a_real_result_is_in_the_schema(result: dict[str, Any]) -> None:
    assert result.keys() <= SCHEMA_TEXT["properties"].keys()
    known = SCHEMA_TEXT["definitions"]["point"]["properties"].keys()
    assert result["points"][0].keys() <= known
    for block in ("run", "target", "load"):
        assert result[block].keys() <= SCHEMA_TEXT["properties"][block]["properties"].keys()
    for block in ("requests", "window", "tokens", "client", "goodput", "shared", "whole_run"):
        inner = SCHEMA_TEXT["definitions"]["point"]["properties"][block]["properties"].keys()
        assert result["points"][0][block].keys() <= inner
    assert result["points"][0]["itl_ms"].keys() <= SCHEMA_TEXT["definitions"]["distribution"]["properties"].keys()


def test_an_older_reader_takes_a_newer_minor_version(result: dict[str, Any]) -> None:
    newer = everywhere(copy.deepcopy(result)) | {"schema_minor": 7, "kind": "something-new"}
    assert "something_new" in newer["points"][0]["ttft_ms"]
    assert problems(newer) == []


def test_a_newer_reader_takes_a_result_with_only_the_required_keys(result: dict[str, Any]) -> None:
    def lean(value: Any, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            schema = SCHEMA_TEXT["definitions"][schema["$ref"].rpartition("/")[2]]
        if isinstance(value, list):
            return [lean(each, schema.get("items", {})) for each in value]
        if isinstance(value, dict) and "properties" in schema:
            return {key: lean(value[key], schema["properties"][key]) for key in schema.get("required", [])}
        return value

    assert problems(lean(result, SCHEMA_TEXT)) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"schema": "mmcompose.bench/2"}, "$.schema"),
        ({"points": {}}, "$.points"),
        ({"run": {"id": "x", "started": "now", "status": "finished"}}, "$.run.status"),
        ({"gpus": [{"index": "0"}]}, "$.gpus[0].index"),
    ],
)
def test_a_wrong_result_is_refused(result: dict[str, Any], change: dict[str, Any], where: str) -> None:
    assert any(each.startswith(where) for each in problems(result | change))


def test_there_is_room_for_what_the_host_side_knows(result: dict[str, Any]) -> None:
    known = copy.deepcopy(result)
    known["target"]["engine"] = {
        "name": "vllm",
        "version": "0.32.0",
        "image": "x",
        "digest": "sha256:1",
        "args": ["-x"],
        "env": {},
    }
    known["target"]["model"] |= {"revision": "abc", "files_sha256": None}
    known["gpus"] = [
        {"index": 0, "uuid": "GPU-1", "name": "X", "memory_mib": None, "driver": "1", "other_processes": []}
    ]
    known["project"] = {"git_sha": "1", "dirty": False, "profile": {"name": "ocr"}, "profile_sha256": "2"}
    known["host"] = {"cpu": "X", "cores": 2, "ram_mib": 1, "kernel": "6", "docker": "28"}
    assert problems(known) == []
