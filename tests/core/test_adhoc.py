"""A model in place of a profile: what it is taken for, and the profile that is made of it."""

from __future__ import annotations

import pytest
import yaml

from mmcompose.core.read.adhoc import KINDS, WeightsToLoad, formats_in, gguf_models, name_for, on_the_hub, source
from mmcompose.core.read.load import load
from tests.making import artifacts

GGUF = "Qwen/Qwen2.5-1.5B-Instruct-GGUF"


@pytest.mark.parametrize(
    ("names", "formats"),
    [
        ([], []),
        (["README.md", "pytorch_model.bin"], []),
        (["config.json", "model-00001-of-00002.safetensors"], ["safetensors"]),
        (["openvino_model.xml", "openvino_model.bin"], ["openvino"]),
        (["openvino_model.xml"], []),
        (["A.GGUF"], ["gguf"]),
        (["a.gguf", "model.safetensors"], ["safetensors", "gguf"]),
    ],
)
def test_a_folder_is_what_its_files_are(names: list[str], formats: list[str]) -> None:
    assert formats_in(names) == formats


def test_of_a_model_in_pieces_the_first_is_named_and_a_projector_never() -> None:
    names = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "mmproj-m.gguf", "readme.md", "b.gguf"]
    assert gguf_models(names) == ["b.gguf", "m-00001-of-00002.gguf"]


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("zai-org/GLM-OCR", WeightsToLoad(("safetensors",), repo="zai-org/GLM-OCR")),
        (GGUF, WeightsToLoad(("gguf",), repo=GGUF)),
        (f"{GGUF}/q4/a.gguf", WeightsToLoad(("gguf",), file="q4/a.gguf", repo=GGUF)),
        ("OpenVINO/Phi-3-mini", WeightsToLoad(("openvino",), repo="OpenVINO/Phi-3-mini")),
        (
            "Qwen/Qwen2.5-VL-7B-Instruct-ov-int8",
            WeightsToLoad(("openvino",), repo="Qwen/Qwen2.5-VL-7B-Instruct-ov-int8"),
        ),
        ("some/moved", WeightsToLoad(("safetensors",), repo="some/moved")),
        ("one", None),
        ("a/b/c", None),
        ("/a/b", None),
        ("a b/c", None),
        ("../a", None),
        ("a/b\n", None),
    ],
)
def test_a_repository_is_reported_by_its_form_and_its_format_by_its_name(
    term: str, found: WeightsToLoad | None
) -> None:
    assert on_the_hub(term) == found


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/m/Tiny_Random.Q4.gguf", "adhoc-tiny-random-q4"),
        ("/m/folder/", "adhoc-folder"),
        ("/m/日本.gguf", "adhoc-model"),
        (f"/m/{'x-' * 60}.gguf", "adhoc-" + ("x-" * 20).strip("-")),
    ],
)
def test_the_profile_bears_a_name_that_compose_takes(path: str, name: str) -> None:
    assert name_for(WeightsToLoad(("gguf",), path)) == name


@pytest.mark.parametrize("path", ["/m/a.gguf", "/m/😀 $x\n'\"\\.gguf", "/m/\x85\u2028\x7f: #.gguf"])
def test_every_path_reaches_the_profile_as_it_is(path: str) -> None:
    made = source(WeightsToLoad(("gguf",), path), "bench run", KINDS, format_="gguf", gpu=True, fixed_name=False)
    tree, problems = load("profile", made.shown, made.data)
    assert tree is not None
    assert problems == []
    plain = tree.plain()
    assert plain["weights"] == {"path": path, "format": "gguf"}
    assert plain["gpu"] == {"count": "all"}
    assert made.shown.startswith(".mmcompose/adhoc/adhoc-")


def test_a_repository_keeps_its_own_name() -> None:
    made = source(
        WeightsToLoad(("safetensors",), repo="a/b"),
        "bench run",
        KINDS,
        format_="safetensors",
        gpu=False,
        fixed_name=True,
    )
    assert b"served_name" not in made.data
    assert b"gpu" not in made.data


@pytest.mark.parametrize(
    ("weights", "mounted", "loaded"),
    [
        ("{path: m/a.gguf, format: gguf}", "/models/a.gguf", "/models/a.gguf"),
        (
            "{path: m/dir/, file: m-00001-of-00002.gguf, format: gguf}",
            "/models/dir",
            "/models/dir/m-00001-of-00002.gguf",
        ),
        ("{path: m/a.gguf, repo: a/b, file: c.gguf, format: gguf}", "/models/a.gguf", "/models/a.gguf"),
    ],
)
def test_a_path_is_mounted_and_what_lies_there_is_loaded(weights: str, mounted: str, loaded: str) -> None:
    made = artifacts({"profiles/job.yaml": f"backend: llamacpp\nhost: cpu\nweights: {weights}\n"})
    service = yaml.safe_load(made["compose/job.yaml"])["services"]["job"]
    assert mounted in [volume["target"] for volume in service["volumes"]]
    assert service["command"][:2] == ["--model", loaded]
