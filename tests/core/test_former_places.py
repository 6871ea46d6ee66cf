"""Templates of a project that stand where an earlier release had them: they are used, and named."""

from __future__ import annotations

from mmcompose.core.render.own_templates import FORMER
from tests.making import ROOT, compilation

PROFILE = {"profiles/job.yaml": "model: qwen-small\nhost: cpu\n"}


def text(name: str) -> str:
    return (ROOT / "templates/compose" / name).read_text(encoding="utf-8")


def test_every_shared_template_had_a_former_place() -> None:
    now = {path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates/compose").glob("*.j2")}
    assert now == set(FORMER.values())


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
    former = text("compose.yaml.j2").replace('"compose/', '"')
    made = compilation({**PROFILE, "templates/compose.yaml.j2": former})
    assert made.artifacts() == compilation(PROFILE).artifacts()


def test_a_backend_that_renders_with_anothers_template_may_have_one_of_its_own_again() -> None:
    profile = {"profiles/job.yaml": "backend: ik_llama\nhost: cpu\nweights: {path: models/x.gguf}\n"}
    shared, problems = compilation(profile).artifacts()
    assert problems == []
    assert "/app/llama-server" in shared["compose/job.yaml"]
    own = (ROOT / "templates/llamacpp/service.yaml.j2").read_text("utf-8").replace("/app/llama-server", "/app/mine")
    made = compilation({**profile, "templates/ik_llama/service.yaml.j2": own})
    assert "/app/mine" in made.artifacts()[0]["compose/job.yaml"]
