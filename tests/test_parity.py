"""What is said in several places is said the same in all: schemas, nouns, backends, templates, files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_type_hints

import pytest
from jsonschema import Draft7Validator

from mmcompose import model
from mmcompose.core.check.rules import catalogue
from mmcompose.core.read import documents, schema
from mmcompose.core.resolve import bind, layers
from mmcompose.deploy.ready.probes import QUESTIONS
from mmcompose.engines.known import histories
from mmcompose.files.gather import shipped
from tests.making import ROOT, compilation, tree

PIECES = shipped.schemas()
BUNDLES = {kind: schema.bundle(kind, PIECES) for kind in schema.KINDS}
SERVICE = BUNDLES["service"]["properties"]
BACKENDS = sorted(path.stem for path in (ROOT / "profiles/backends").glob("*.yaml"))
ABOUT_FILES = {
    "profile": {"host", "extends", "services", "envelope", "runs_on", "also_called"},
    "host": {"machine"},
    "model": {"backends", *layers.ABOUT_A_MODEL},
    "runtime": {"backends"},
}

# Each noun and the part of the schema that describes it.
NOUNS = [
    (model.Service, SERVICE, set()),
    (model.Weights, SERVICE["weights"]["properties"], set()),
    (model.Build, SERVICE["build"]["properties"], set()),
    (model.Gpu, SERVICE["gpu"]["properties"], set()),
    (model.Health, SERVICE["health"]["properties"], set()),
    (model.Resources, SERVICE["resources"]["properties"], set()),
    (model.Security, SERVICE["security"]["properties"], set()),
    (model.Logging, SERVICE["logging"]["properties"], set()),
    (model.Secret, SERVICE["secrets"]["additionalProperties"]["properties"], set()),
    (model.Mount, SERVICE["mounts"]["items"]["properties"], set()),
    (model.Waiver, SERVICE["waivers"]["items"]["properties"], set()),
    (model.Graph, SERVICE["graph"]["properties"], set()),
    (model.ZooModel, SERVICE["zoo"]["additionalProperties"]["properties"], set()),
    (model.UncheckedArg, SERVICE["unchecked_args"]["additionalProperties"]["properties"], set()),
    (model.Project, BUNDLES["project"]["properties"], set()),
    (model.Machine, BUNDLES["host"]["properties"]["machine"]["properties"], {"name"}),
    (model.Card, BUNDLES["host"]["properties"]["machine"]["properties"]["gpus"]["items"]["properties"], set()),
    (model.Engine, {name: BUNDLES["backend"]["properties"][name] for name in bind.ENGINE_FACTS}, {"name"}),
]


@pytest.mark.parametrize(("noun", "described", "own"), NOUNS, ids=lambda value: getattr(value, "__name__", None))
def test_the_keys_that_people_write_are_the_fields_of_the_noun(
    noun: Any, described: dict[str, Any], own: set[str]
) -> None:
    assert set(get_type_hints(noun)) - own == set(described)


@pytest.mark.parametrize("kind", ["profile", "host", "model", "backend", "runtime"])
def test_every_layer_takes_the_keys_of_a_service_and_a_few_about_its_own_file(kind: str) -> None:
    keys = set(BUNDLES[kind]["properties"])
    about = ABOUT_FILES.get(kind, set(bind.ENGINE_FACTS))
    assert keys - set(SERVICE) == about - set(SERVICE)
    assert {"args", "env", "image", "version", "why", "waivers", "resources", "security"} <= keys


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every schema inside a schema: where it stands, and whether it describes a key."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from nodes(item, f"{path}[{index}]")
    if not isinstance(node, dict):
        return
    for keyword, value in node.items():
        if keyword in ("properties", "definitions"):
            for name, child in value.items():
                yield f"{path}.{name}", child, True
                yield from nodes(child, f"{path}.{name}")
        elif keyword in ("additionalProperties", "items", "propertyNames") and isinstance(value, dict):
            yield f"{path}.{keyword}", value, True
            yield from nodes(value, f"{path}.{keyword}")
        elif keyword == "allOf":
            yield from nodes(value, path)


@pytest.mark.parametrize("kind", schema.KINDS)
def test_every_key_is_described(kind: str) -> None:
    silent = [path for path, node, key in nodes(BUNDLES[kind]) if key and not node.get("description", "").strip()]
    assert silent == []


@pytest.mark.parametrize("kind", schema.KINDS)
def test_a_description_is_a_sentence(kind: str) -> None:
    odd = [
        f"{path}: {node['description']}"
        for path, node, key in nodes(BUNDLES[kind])
        if key
        and not (node["description"].endswith(".") and node["description"][0] in f"`{node['description'][0].upper()}")
    ]
    assert odd == []


@pytest.mark.parametrize("kind", schema.KINDS)
def test_a_schema_is_draft_07_without_the_keywords_that_editors_and_readers_stumble_over(kind: str) -> None:
    for whole in (BUNDLES[kind], schema.bundle(kind, PIECES)):
        Draft7Validator.check_schema(whole)
        assert whole["$schema"] == "http://json-schema.org/draft-07/schema#"
        for path, node, _ in [("", whole, True), *nodes(whole)]:
            assert not {"default", "oneOf", "anyOf", "$ref"} & set(node), path


@pytest.mark.parametrize("kind", schema.KINDS)
def test_a_mapping_takes_no_key_that_nobody_described(kind: str) -> None:
    for path, node, _ in [("", BUNDLES[kind], True), *nodes(BUNDLES[kind])]:
        if "properties" in node:
            assert node.get("additionalProperties") is False, path


def test_a_probe_may_be_of_each_kind_of_request() -> None:
    assert BUNDLES["backend"]["properties"]["probe"]["properties"]["kind"]["enum"] == [*QUESTIONS, "none"]


def test_a_backend_is_a_file_a_template_and_perhaps_a_history() -> None:
    templates = {path.parent.name for path in (ROOT / "templates").glob("*/service.yaml.j2")}
    layers = compilation().documents.of("backend")
    assert sorted(layers) == BACKENDS
    engines = {name: bind.engine(name, layer.root) for name, layer in layers.items()}
    assert {engine.template or name for name, engine in engines.items()} == templates
    for name, layer in layers.items():
        history = layer.root.plain().get("history")
        assert history is None or histories.load(history) is not None, name


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_flags_that_a_template_writes_are_the_ones_that_a_profile_may_not(backend: str) -> None:
    engine = bind.engine(backend, compilation().documents.of("backend")[backend].root)
    text = (ROOT / "templates" / (engine.template or backend) / "service.yaml.j2").read_text(encoding="utf-8")
    written = {
        line.strip().removeprefix("- --").replace("-", "_")
        for line in text.splitlines()
        if line.strip().startswith("- --")
    }
    assert written - set(engine.rendered_args) == set()


def test_every_kind_of_file_has_a_schema_a_folder_and_a_place_in_the_order_of_layers() -> None:
    from mmcompose.core.resolve.reasons import LAYERS

    assert set(PIECES) >= set(schema.KINDS)
    folders = {path.name for path in (ROOT / "profiles").iterdir() if path.is_dir()}
    kinds = {documents.kind_of(f"profiles/{folder}/xx.yaml") for folder in folders}
    assert None not in kinds
    assert {kind for kind, _ in filter(None, kinds)} | {"profile", "defaults", "command line"} == set(LAYERS)
    assert set(layers.NOT_OF_A_SERVICE) <= set(schema.KINDS)


def test_every_shipped_file_of_settings_names_its_schema_for_editors() -> None:
    for path in [ROOT / "mmcompose.yaml", *(ROOT / "profiles").rglob("*.yaml")]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        target = path.parent / first.partition("$schema=")[2]
        assert target.resolve().exists(), path


def test_each_rule_has_its_own_id_and_a_title() -> None:
    ids = [rule.id for rule in catalogue.RULES]
    assert ids == sorted(set(ids))
    assert all(catalogue.titles().values())


def test_a_tree_binds_to_nouns_and_loses_nothing() -> None:
    """Whatever the schema lets through reaches the noun: nothing is dropped on the way."""
    text = "\n".join(f"{name}: null" for name in SERVICE)
    assert bind.service(tree(text)) == model.Service()
