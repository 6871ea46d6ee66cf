"""Every compose file that mmcompose renders is imported as a profile that renders the same engine."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mmcompose.core.imports.result import Decision, imported
from mmcompose.core.imports.sources import compose
from mmcompose.core.pipeline import Compilation
from mmcompose.core.read.documents import Source
from mmcompose.files.gather import project
from mmcompose.files.gather.compile import compilation
from tests.core.imports.importing import ground
from tests.making import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECTS = ("", *(f"examples/{folder.name}" for folder in sorted((ROOT / "examples").glob("0*"))))

NOT_IN_THE_FILE = {"vision-zoo": "zoo: no model is enabled"}
"""Profiles that lack something which their compose file does not hold, and what `validate` reports of them."""


@cache
def project_of(folder: str) -> Compilation:
    return compilation(project.gather(ROOT / folder), {})


@cache
def texts(folder: str) -> Mapping[str, str]:
    files, problems = project_of(folder).artifacts()
    assert not [problem for problem in problems if problem.severity == "error"]
    return files


CASES = [(folder, name) for folder in PROJECTS for name in project_of(folder).profiles]


def imported_again(folder: str, name: str, *, without: str = "") -> tuple[str, str, str]:
    """The text of the imported profile, the engines that it renders, and the report. `without`: files that go, too."""
    before = project_of(folder)
    own = f"profiles/{name}.yaml"
    gone = [f"profiles/{other}.yaml" for other in before.profiles]
    left = [
        one for one in before.given.sources if one.path not in gone and not (without and one.path.startswith(without))
    ]
    base = Compilation(before.given._replace(sources=left))
    where = ground(base, "/project/compose")
    read = compose.read(f"compose/{name}.yaml", texts(folder)[f"compose/{name}.yaml"].encode(), {})
    made = imported(read, where, Decision(), "compose")
    assert list(made.files) == [own]
    assert before.stack is not None
    after = Compilation(
        base.given._replace(
            sources=[*left, Source(own, made.files[own].encode())],
            remembered=before.stack.seats,
            today=None,
        )
    )
    report = "\n".join(map(str, made.remarks))
    problems = [str(one) for one in after.concerning((name,)) if one.severity == "error"]
    missing = NOT_IN_THE_FILE.get(name)
    assert [problem for problem in problems if missing is None or missing not in problem] == [], made.files[own]
    return made.files[own], "" if problems else after.rendered(name)[0][f"compose/{name}.yaml"], report


def engines(text: str) -> dict[str, Any]:
    """The engines of a file, without two differences: the order of their arguments, and the hash of configuration
    files, which a compose file does not hold."""
    found = {}
    for key, service in yaml.safe_load(text)["services"].items():
        if "mmcompose.role" not in service["labels"]:
            service["labels"].pop("mmcompose.config", None)
            found[key] = {**service, "command": sorted(options(service["command"]))}
    return found


def options(command: list[Any]) -> list[tuple[str, ...]]:
    """Each option together with its values."""
    found: list[tuple[str, ...]] = [()]
    for part in map(str, command):
        found = [*found, (part,)] if part.startswith("--") else [*found[:-1], (*found[-1], part)]
    return found


@pytest.mark.parametrize(("folder", "name"), [case for case in CASES if case[1] not in NOT_IN_THE_FILE])
def test_a_file_of_ours_renders_the_same_engine_again(folder: str, name: str) -> None:
    _, again, _ = imported_again(folder, name)
    rendered, wanted = engines(again), engines(texts(folder)[f"compose/{name}.yaml"])
    assert list(rendered) == list(wanted)
    for key, service in wanted.items():
        for part in {**service, **rendered[key]}:
            assert rendered[key].get(part) == service.get(part), f"{key}: {part}"


def benches(text: str) -> dict[str, list[tuple[str, ...]]]:
    services = yaml.safe_load(text)["services"].items()
    return {
        key: sorted(options(one["command"])) for key, one in services if one["labels"].get("mmcompose.role") == "bench"
    }


def test_its_benchmarks_measure_the_same() -> None:
    for folder, name in CASES:
        if name not in NOT_IN_THE_FILE:
            again = imported_again(folder, name)[1]
            assert benches(again) == benches(texts(folder)[f"compose/{name}.yaml"]), name


def test_options_of_a_benchmark_are_read_back() -> None:
    """They come from the model's file otherwise."""
    text, again, _ = imported_again("", "ocr-deepseek", without="profiles/models/")
    assert "skip_special_tokens" in text
    assert benches(again) == benches(texts("")["compose/ocr-deepseek.yaml"])


@pytest.mark.parametrize(
    "name", ["ocr", "ocr-deepseek", "chat-cpu", "workbench-sglang", "workbench-vllm", "workbench-llama"]
)
def test_a_project_without_the_model_s_file_gets_the_weights(name: str) -> None:
    """What a model file brings besides, such as the time that a download takes, is written into the profile then."""
    text, again, _ = imported_again("", name, without="profiles/models/")
    assert "\nmodel:" not in text
    rendered, wanted = engines(again)[name], engines(texts("")[f"compose/{name}.yaml"])[name]
    for service in (rendered, wanted):
        service["labels"].pop("mmcompose.model", None)
    for part in ("image", "command", "environment", "ports", "healthcheck", "volumes", "deploy", "labels"):
        assert rendered[part] == wanted[part], part


@pytest.mark.parametrize(("name", "key"), [("vision-zoo", "zoo"), ("order-accuracy", "graph")])
def test_files_beside_a_compose_file_are_reported(name: str, key: str) -> None:
    report = imported_again("", name)[2]
    assert f"{key}: the files in ./config/{name}/{name} are not read (write what they hold under {key}:)" in report


def test_nothing_of_ours_is_left_out_otherwise() -> None:
    for folder, name in CASES:
        lines = imported_again(folder, name)[2].splitlines()
        assert [line for line in lines if "are not read" not in line] == [], name
