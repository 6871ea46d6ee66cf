"""`bench vram` on a real engine without a GPU: what cannot be read is null and says so, or a script plays the card."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from mmcompose.bench.report import vram as report
from tests.deploy.playground import IMAGE
from tests.making import ROOT

if TYPE_CHECKING:
    from tests.deploy.playground import Answer, Playground

pytestmark = pytest.mark.docker

QUICK = ("--baseline-seconds", "0.3", "--load-seconds", "0.4")
SCHEMA = json.loads((ROOT / "mmcompose/bench/schema/result.schema.json").read_text())
ZOO = """\
    backend: zoo
    image: {image}
    image_type: prebuilt
    gpu: {{count: 0}}
    caches: null
    resources: {{memory: 256m}}
    mounts:
      - {{source: zoo_app, target: /opt/zoo}}
      - {{source: doubles, target: /opt/doubles}}
    env: {{PYTHONPATH: "/opt/zoo:/opt/doubles"}}
    health: {{interval: 1s}}
    zoo:
      good: {{category: depth, loader: AutoModel, source: good, vram_mb: 400}}
      missing: {{category: pose, loader: AutoModel, source: missing, vram_mb: 100}}
      greedy: {{loader: AutoModel, source: greedy}}
      unknown: {{loader: AutoLion, source: good}}
      absent: {{loader: ultralytics, source: /w.pt}}
      last: {{category: caption, loader: AutoModel, source: last, dtype: float16}}
      asleep: {{loader: AutoModel, source: missing, enabled: false}}
"""


def measured(play: Playground, *arguments: str) -> tuple[Answer, dict[str, Any]]:
    answer = play.run("bench", "vram", *arguments, *QUICK, "--output-json", str(play.folder / "all.json"))
    return answer, json.loads((play.folder / "all.json").read_text())


def runs(play: Playground) -> list[dict[str, Any]]:
    found = sorted((play.folder / "benchmarks/results/vram").glob("*/result.json"))
    results = [json.loads(path.read_text()) for path in found]
    for result in results:
        Draft7Validator(SCHEMA).validate(result)
    return results


def test_an_engine_without_a_gpu_is_timed_and_its_memory_is_unknown(play: Playground) -> None:
    play.profile("chat", load_seconds=0.5).render()
    answer, data = measured(play, "chat", "--output-md", str(play.folder / "page.md"))
    assert answer.code == 0, answer
    [one] = data["models"]
    assert (one["name"], one["category"], one["status"], one["error"]) == ("chat", "chat", "OK", None)
    assert one["load_s"] > 0.5
    unknown = ("actual_mb", "estimated_mb", "baseline_mib", "plateau_mib", "peak_mib", "residual_mib", "shared")
    assert [one[name] for name in unknown] == [None] * len(unknown)
    assert (data["source"], data["unread_because"]) == (None, "no GPU is claimed by what is measured")
    assert one["load"][0]["ok"] > 0
    assert one["load"][0]["failed"] == 0
    assert set(one["phases_s"]) >= {"create", "health", "token"}
    assert one["stop_s"] > 0
    page = (play.folder / "page.md").read_text()
    assert page == answer.out
    assert "| chat | chat | unknown | unknown |" in page
    assert "- GPU memory could not be read: no GPU is claimed by what is measured" in page
    assert play.running() == {}, "it is taken down again"


@pytest.mark.heavy
def test_what_was_found_is_kept_as_a_run(play: Playground) -> None:
    play.profile("chat").render()
    assert play.run("bench", "vram", "chat", *QUICK).code == 0
    [result] = runs(play)
    assert (result["run"]["status"], result["run"]["exit_code"], result["verdict"]["ok"]) == ("complete", 0, True)
    assert result["target"]["engine"]["image"] == IMAGE
    assert result["project"]["profile"]["chat"]["backend"] == "standin"
    [folder] = (play.folder / "benchmarks/results/vram").iterdir()
    assert {path.name for path in folder.iterdir()} == {"result.json", "report.md", "series.csv", "engine.log"}
    shown = play.run("bench", "show", "latest")
    assert "# VRAM Benchmark Report" in shown.out
    refused = play.run("bench", "promote", "latest")
    assert (refused.code, "could not read how much memory" in refused.err) == (1, True)


@pytest.mark.heavy
def test_a_profile_that_fails_does_not_keep_the_next_from_being_measured(play: Playground) -> None:
    play.profile("dies", die_after=0.2, say="CUDA out of memory").profile("chat").render()
    answer, data = measured(play, "dies", "chat")
    assert answer.code == 4
    dies, chat = data["models"]
    assert (dies["status"], dies["load_s"], chat["status"]) == ("FAIL", None, "OK")
    assert "CUDA out of memory" in dies["error"], "with the last lines of its log"
    assert "dies... FAIL: " in answer.err
    assert "- **Successful loads:** 1/2" in answer.out
    assert play.running() == {}
    assert [result["run"]["exit_code"] for result in runs(play)].count(4) == 1


@pytest.mark.heavy
def test_one_that_is_up_is_refused_and_stays_up(play: Playground) -> None:
    play.profile("chat").profile("other").render()
    assert play.up("chat").code == 0
    before = play.identity("chat")
    answer = play.run("bench", "vram", "chat", *QUICK)
    assert answer.code == 1
    sentence = "chat is up, and a load is measured from nothing: mmcompose down chat"
    shown = sentence.replace("mmcompose down", f"mmcompose -C {play.folder} down")
    assert (answer.out, answer.err) == ("", f"error: {shown}\n"), "no report is made of nothing"
    assert not (play.folder / "benchmarks/results/vram").exists()
    [refused] = measured(play, "chat")[1]["models"]
    assert refused["error"] == sentence, "a program gets its data"
    assert play.identity("chat") == before
    assert play.run("bench", "vram", "chat", "other", *QUICK).code == 1
    assert play.running() == {"chat": "running"}


@pytest.fixture
def zoo(play: Playground) -> Playground:
    """The zoo's own service in a plain Python image, with doubles of the libraries."""
    for part in ("kit", "zoo/app"):
        place = play.folder / "zoo_app"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "services" / part, place, ignore=ignored, dirs_exist_ok=True)
    shutil.copytree(Path(__file__).parent / "doubles", play.folder / "doubles")
    for path in (play.folder / "zoo_app", play.folder / "doubles"):
        for each in (path, *path.rglob("*")):
            each.chmod(0o755 if each.is_dir() else 0o644)
    return play.profile("animals", ZOO.format(image=IMAGE)).render()


def test_the_models_of_a_zoo_are_loaded_one_by_one_and_none_keeps_the_next_from_it(zoo: Playground) -> None:
    answer, data = measured(zoo, "animals")
    assert answer.code == 4, answer
    found = {one["name"]: one for one in data["models"]}
    assert {name: one["status"] for name, one in found.items()} == {
        "good": "OK",
        "missing": "FAIL",
        "greedy": "FAIL",
        "unknown": "FAIL",
        "absent": "FAIL",
        "last": "OK",
    }
    assert found["missing"]["error"].endswith(" at all" * 30), "whole in the JSON"
    assert "SIGKILL" in found["greedy"]["error"]
    assert "AutoLion" in found["unknown"]["error"]
    assert "No module named 'ultralytics'" in found["absent"]["error"]
    assert found["good"]["load_s"] > 0.19
    assert (found["good"]["device"], found["good"]["actual_mb"]) == ("cpu", None)
    assert data["skipped"] == ["asleep"]
    assert "- asleep was left out: `enabled: false`" in answer.out
    row = next(line for line in answer.out.splitlines() if line.startswith("| missing"))
    assert row.endswith(f"FAIL: {found['missing']['error'][:100]} |")
    assert re.search(r"^  Loading good\.\.\. OK \([0-9.]+s, unknown\)$", answer.err, re.MULTILINE)
    assert zoo.running() == {}
    assert [len(result["vram"]["models"]) for result in runs(zoo)] == [6]


@pytest.mark.heavy
def test_an_interruption_takes_the_profile_down_and_says_so_in_the_result(play: Playground) -> None:
    play.profile("slow", load_seconds=60).render()
    process = play.begin("bench", "vram", "slow", *QUICK)
    end = time.monotonic() + 300
    while play.running() != {"slow": "running"} and time.monotonic() < end:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert play.running() == {}
    [result] = runs(play)
    assert (result["run"]["status"], result["run"]["exit_reason"]) == ("aborted", "interrupted")


SMI = """\
#!/bin/sh
# TEST DOUBLE: a card of 12 GB on which each running container of the project takes 1500 MiB.
held=$(docker container ls --quiet --filter label=mmcompose.project={name} --filter label=mmcompose.backend | wc -l)
case "$1" in
  --query-gpu=*) echo "0, GPU-played, Played, $((400 + 1500 * held)), 12288" ;;
  *) echo "GPU-played, 1, 300" ;;
esac
"""


def test_a_card_is_watched_from_before_the_load_until_its_memory_is_back(cards: Playground) -> None:
    cards.profile("chat", "gpu: {count: 1, devices: [0], share: shared, vram: 1g}", load_seconds=1).render()
    program = cards.folder / "bin/nvidia-smi"
    program.parent.mkdir()
    program.write_text(SMI.format(name=cards.name))
    program.chmod(0o755)
    arguments = cards.command(
        "bench", "vram", "chat", "--load-seconds", "2", "--baseline-seconds", "1", "--format", "json"
    )
    before = len(cards.engine.inside)
    path = f"PATH={program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [*arguments[:before], "env", path, *arguments[before:]],
        env=cards.engine.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    [one] = data["models"]
    assert (data["source"], data["total_mb"], data["baseline_mb"], data["available_mb"]) == (
        "nvidia-smi",
        12288,
        400,
        11888,
    )
    assert (one["baseline_mib"], one["plateau_mib"], one["peak_mib"], one["residual_mib"]) == (400, 1900, 1900, 0)
    assert (one["estimated_mb"], one["actual_mb"], one["above_estimate_mb"]) == (1024, 1500, 476)
    assert one["shared"] is True, "process 1 is no container of the profile"
    assert one["strangers"][0]["pid"] == 1
    assert one["unload_s"] > 0
    assert "above its estimate of 1,024 MB" in " ".join(data["advice"])
    assert any("others were on the GPU" in note for note in data["notes"])
    promoted = cards.run("bench", "promote", "latest")
    assert promoted.code == 0, promoted
    assert "vram: 1500m" in (cards.folder / "profiles/chat.yaml").read_text()
    assert report.read(data).available_mb == 11888
