"""Templates of a project that stand where an earlier release had them: they are used, and named."""

from __future__ import annotations

import pytest

from mmcompose.core.render.own_templates import FORMER, MACROS, PARTS
from mmcompose.core.render.renderer import environments
from tests.making import ROOT, compilation

PROFILE = {"profiles/job.yaml": "model: qwen-small\nhost: cpu\n"}
ENGINE_FETCHES = "weights: {fetch: engine}\n"


def text(name: str) -> str:
    return (ROOT / "templates/compose" / name).read_text(encoding="utf-8")


def test_every_shared_template_had_a_former_place() -> None:
    now = {path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates/compose").glob("*.j2")}
    assert now - {PARTS, "compose/fetch.yaml.j2"} == set(FORMER.values()) - set(MACROS)


def test_a_template_at_its_former_place_is_used_and_named() -> None:
    own = text("compose.yaml.j2").replace("# redo: mmcompose render", "# ours")
    made = compilation({**PROFILE, "templates/compose.yaml.j2": own})
    assert "# ours\n" in made.artifacts()[0]["compose/job.yaml"]
    (warning,) = made.problems
    assert str(warning) == (
        "templates/compose.yaml.j2:1:1: warning: is used, and has another place now "
        "(move it to templates/compose/compose.yaml.j2)"
    )


def test_a_template_of_an_earlier_release_finds_what_it_includes_by_the_former_names() -> None:
    now = text("compose.yaml.j2").replace('"compose/parts.yaml.j2" as part', '"_macros.yaml.j2" as part with context')
    start, end = now.index("{% for unit in units if unit.fetch %}"), now.index("{% for unit in units %}\n{% for bench")
    former = (now[:start] + now[end:]).replace('"compose/', '"')
    made = compilation({**PROFILE, "templates/compose.yaml.j2": former})
    expected, _ = compilation({"profiles/job.yaml": PROFILE["profiles/job.yaml"] + ENGINE_FETCHES}).artifacts()
    assert made.artifacts()[0]["compose/job.yaml"] == expected["compose/job.yaml"].replace("11m", "10m")
    warnings = [str(problem) for problem in made.problems]
    assert "each engine fetches its own copy (take unit.fetch over from" in warnings[1]


def test_an_engine_with_a_template_from_before_the_store_goes_on_to_fetch_for_itself() -> None:
    now = (ROOT / "templates/llamacpp/service.yaml.j2").read_text("utf-8")
    former = now.replace("unit.loads", "unit.model").replace("- --model\n", "- --hf-repo\n")
    made = compilation({**PROFILE, "templates/llamacpp/service.yaml.j2": former})
    rendered = made.artifacts()[0]["compose/job.yaml"]
    assert "/store" not in rendered
    assert "fetch-job" not in rendered
    (warning,) = made.problems
    assert "so the engine fetches its own copy (take --model and unit.loads over from" in str(warning)


def test_a_backend_that_renders_with_anothers_template_may_have_one_of_its_own_again() -> None:
    profile = {"profiles/job.yaml": "backend: ik_llama\nhost: cpu\nweights: {path: models/x.gguf}\n"}
    shared, problems = compilation(profile).artifacts()
    assert problems == []
    assert "/app/llama-server" in shared["compose/job.yaml"]
    own = (ROOT / "templates/llamacpp/service.yaml.j2").read_text("utf-8").replace("/app/llama-server", "/app/mine")
    made = compilation({**profile, "templates/ik_llama/service.yaml.j2": own})
    assert "/app/mine" in made.artifacts()[0]["compose/job.yaml"]


EVER = (
    "head", "image", "build", "storage", "environment", "connections", "entrypoint", "arguments", "tail", "health",
    "log", "security", "hardware", "limits", "own",
)  # fmt: skip


@pytest.mark.parametrize("name", [PARTS, *MACROS])
def test_part_has_every_macro_that_it_ever_had(name: str) -> None:
    folder = ROOT / "templates"
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.yaml.j2")}
    part = environments(texts)[".yaml"].get_template(name).module
    assert [name for name in EVER if not callable(getattr(part, name, None))] == []


def whole_macros() -> str:
    """All macros in one file, as a project that replaced the former file has them."""
    parts = sorted((ROOT / "templates/compose/parts").iterdir())
    texts = [path.read_text(encoding="utf-8") for path in parts] + [text("parts.yaml.j2")]
    lines = "\n".join(texts).splitlines(keepends=True)
    return "".join(
        line
        for line in lines
        if not line.startswith(("{% from ", "{% set image, ", "{% set arguments, ", "{% set hardware, "))
    )


@pytest.mark.parametrize("place", ["templates/_macros.yaml.j2", "templates/compose/_macros.yaml.j2"])
def test_a_file_with_all_macros_is_used_for_engines_and_benchmarks(place: str) -> None:
    profile = {"profiles/job.yaml": "model: qwen-small\nhost: cpu\nbench: [sanity]\n"}
    same = compilation({**profile, place: whole_macros()})
    assert same.artifacts() == compilation(profile).artifacts()
    ours = whole_macros().replace("      driver: json-file\n", "      driver: json-file\n      # {{ profile.name }}\n")
    written = compilation({**profile, place: ours}).artifacts()[0]["compose/job.yaml"]
    assert written.count('# "job"\n') == written.count("driver: json-file\n") > 1
    assert [problem.severity for problem in same.problems] == ["warning"] * (place == "templates/_macros.yaml.j2")


def test_a_part_of_the_projects_own_is_used_by_every_template_that_calls_it() -> None:
    profile = {"profiles/job.yaml": "model: qwen-small\nhost: cpu\nbench: [sanity]\n"}
    own = text("parts/operation.yaml.j2").replace("    labels:\n", "    # ours\n    labels:\n")
    written = compilation({**profile, "templates/compose/parts/operation.yaml.j2": own}).artifacts()[0]
    assert written["compose/job.yaml"].count("    # ours\n    labels:\n") > 1
    assert written["compose/job.yaml"].count("# ours\n") == written["compose/job.yaml"].count("    labels:\n")
