"""The recipes of CONTRIBUTING.md lead where they say, when they are followed word for word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.making import ROOT
from tests.recipes.following import HANDBOOK, Recipe, changed

if TYPE_CHECKING:
    from pathlib import Path

TITLES = ["A backend", "A command", "A hardening rule", "A benchmark kind", "A target"]


def test_every_recipe_of_the_handbook_is_followed_here() -> None:
    recipes = HANDBOOK.read_text(encoding="utf-8").partition("\n## Recipes\n")[2]
    assert re.findall(r"^### (.*)$", recipes, re.MULTILINE) == TITLES


KNOWN_OF_A_BACKEND = """
from mmcompose.bench.vram.engine_log import figures
from mmcompose.deploy.causes import engine, lines
from mmcompose.deploy.doctor.gpu_checks import of_image
from mmcompose.deploy.doctor.docker_checks import disk
from mmcompose.deploy.doctor.facts import DiskSeen
from mmcompose.engines.known.engine import known
from tests.deploy.doctor.knowing import known as facts, need

IMAGE = "ghcr.io/huggingface/text-embeddings-inference:cuda-1.9.3"
START = "2026-03-02T09:12:31.403008Z  INFO text_embeddings_core::download: core/src/download.rs:72:"
LOG = [f"{START} Model artifacts downloaded in 9.457886106s"]
full = facts(need("embed", image=IMAGE), images={IMAGE: None}, disk=DiskSeen("/d", 2_000_000))
print("figures", figures(known("tei"), LOG))
print("cuda", of_image(IMAGE, None))
print("disk", [found.what for found in disk(full)])
line, = lines.read(LOG)
print("line", line.level, line.tag, line.text)
print("engine", engine.by_mentions(lines.read(["text_embeddings_backend failed"])), known("tei").one_process)
"""


@pytest.mark.heavy
def test_a_backend(tmp_path: Path) -> None:
    recipe = Recipe("A backend", tmp_path)
    printed = recipe.follow()
    assert "Text Embeddings Inference 1.9.3: 8 flags" in printed
    assert "1 profile is fine" in printed
    assert "max_client_batch_size" in printed
    assert {path.rpartition("/")[0] for path in recipe.changed("mmcompose")} == {
        "mmcompose/engines/known/tei",
        "mmcompose/engines/known/tei/causes",
    }
    assert recipe.python(KNOWN_OF_A_BACKEND).splitlines() == [
        "figures {'download_s': 9.457886106}",
        "cuda (12, 'its release')",
        "disk ['1.9 MiB free in /d; still to be pulled: 1 of 1 image (more than 953.7 MiB)']",
        "line info core/src/download.rs:72 Model artifacts downloaded in 9.457886106s",
        "engine tei True",
    ]
    assert "text-embeddings-inference:cpu-1.9.3" in (recipe.tried / "compose" / "embed.yaml").read_text("utf-8")
    profile = recipe.tried / "profiles" / "embed.yaml"
    profile.write_text(profile.read_text("utf-8").replace("max_batch_tokens", "max_batch_token"), "utf-8")
    answer = recipe.mmcompose("-C", str(recipe.tried), "validate")
    assert answer.returncode == 2
    assert "is not a flag of Text Embeddings Inference 1.9.3 (did you mean max_batch_tokens?)" in answer.stderr


def test_a_command(tmp_path: Path) -> None:
    recipe = Recipe("A command", tmp_path)
    assert f"{recipe.tree}\n" in recipe.follow()
    assert "Print the folder of the project." in recipe.mmcompose("--help").stdout
    assert "## mmcompose where" in (recipe.tree / "docs" / "commands.md").read_text("utf-8")


@pytest.mark.heavy
def test_a_hardening_rule(tmp_path: Path) -> None:
    recipe = Recipe("A hardening rule", tmp_path)
    assert " are fine" in recipe.follow()
    assert "**S31** time to stop | `stop_grace_period` is set |" in (recipe.tree / "docs" / "rules.md").read_text(
        "utf-8"
    )
    profile = recipe.tree / "profiles" / "chat.yaml"
    profile.write_text(profile.read_text("utf-8") + "stop_grace_period: null\n", "utf-8")
    answer = recipe.mmcompose("validate", "chat")
    assert answer.returncode == 2
    assert "stop_grace_period: the engine has no time to finish its answers" in answer.stderr
    assert "or waive S31 with a reason and a date" in answer.stderr


@pytest.mark.heavy
def test_a_benchmark_kind(tmp_path: Path) -> None:
    recipe = Recipe("A benchmark kind", tmp_path)
    printed = recipe.follow()
    assert "1 passed" in printed
    assert "flags of mmbench prompt-lengths 0.1.0" in printed
    assert "1 profile is fine" in printed
    answer = recipe.mmcompose("validate", "chat-cpu", "--set", "bench+=prompt-length")
    assert answer.returncode == 2
    assert "no benchmark 'prompt-length' (did you mean prompt-lengths?)" in answer.stderr
    profile = recipe.tree / "profiles/chat-cpu.yaml"
    profile.write_text(profile.read_text("utf-8").replace("bench: [", "bench: [prompt-lengths, "), "utf-8")
    assert recipe.mmcompose("render").returncode == 0
    rendered = (recipe.tree / "compose/chat-cpu.yaml").read_text("utf-8")
    assert "chat-cpu-bench-prompt-lengths" in rendered
    assert (recipe.tree / "compose/build/bench/mmbench/kinds/prompt_lengths.py").is_file()


def test_a_target(tmp_path: Path) -> None:
    recipe = Recipe("A target", tmp_path)
    assert re.search(r"^vllm/vllm-openai:\S+ \d+$", recipe.follow(), re.MULTILINE)
    refuses_templates_that_it_cannot_judge(recipe, tmp_path / "own")
    rendered = recipe.tree / "images" / "ocr.txt"
    assert rendered.read_text("utf-8").startswith("# @generated by mmcompose")
    compose = {path: path.read_bytes() for path in (recipe.tree / "compose").rglob("*.yaml")}
    assert compose == {path: (ROOT / path.relative_to(recipe.tree)).read_bytes() for path in compose}

    rendered.write_text(rendered.read_text("utf-8") + "by hand\n", "utf-8")
    answer = recipe.mmcompose("render", "--check")
    assert answer.returncode == 1
    assert "images/ocr.txt" in answer.stderr
    assert recipe.mmcompose("render").returncode == 1
    assert recipe.mmcompose("render", "--force").returncode == 0
    (recipe.tree / "images" / "more.txt").write_text("", "utf-8")
    assert "images/more.txt:1:1: is not a file that render writes" in recipe.mmcompose("render", "--check").stderr
    (recipe.tree / "images" / "more.txt").unlink()

    settings = recipe.tree / "mmcompose.yaml"
    settings.write_text(settings.read_text("utf-8").replace("[images]", "[image]"), "utf-8")
    assert "targets[0]: no target 'image' (did you mean images?)" in recipe.mmcompose("validate").stderr
    settings.write_text(settings.read_text("utf-8").replace("targets: [image]\n", ""), "utf-8")
    assert recipe.mmcompose("render").returncode == 0
    assert not rendered.parent.exists()
    assert recipe.mmcompose("render", "--check").returncode == 0


def refuses_templates_that_it_cannot_judge(recipe: Recipe, own: Path) -> None:
    files = {
        "mmcompose.yaml": (recipe.tree / "mmcompose.yaml").read_text("utf-8"),
        "profiles/job.yaml": "model: qwen-small\nhost: cpu\n",
        "templates/images/profile.txt.j2": "nothing\n",
    }
    for path, text in files.items():
        (own / path).parent.mkdir(parents=True, exist_ok=True)
        (own / path).write_text(text, "utf-8")
    answer = recipe.mmcompose("-C", str(own), "render")
    assert answer.returncode == 2
    assert "templates/images/profile.txt.j2:1:1: cannot be judged by any rule" in answer.stderr


def test_a_change_whose_surroundings_are_gone_is_refused() -> None:
    assert changed("a\nb\n", " a\n+x\n", "f") == "a\nx\nb\n"
    with pytest.raises(AssertionError, match="0 times"):
        changed("a\nb\n", " c\n+x\n", "f")
    with pytest.raises(AssertionError, match="2 times"):
        changed("a\na\n", " a\n+x\n", "f")
