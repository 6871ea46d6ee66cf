"""A profile's life on a real engine: up by every entry point, watched, changed, asked and taken down."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.causes.recognise import NOT_PULLED
from mmcompose.model.phases import PHASES
from tests.deploy.playground import IMAGE, Playground

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker


def test_up_tells_each_phase_and_a_second_up_changes_nothing(play: Playground) -> None:
    play.profile("chat", load_seconds=0.6).render()
    answer = play.up("chat")
    assert (answer.code, answer.phases()) == (0, STARTED)
    took = {event["phase"]: event["seconds"] for event in answer.events if event["event"] == "reached"}
    assert took["health"] > 0.1, "it was waited for"
    assert answer.events[-3]["text"] == "Paris", "the first token came from the engine"
    assert answer.events[-1] == {"event": "done", "profile": "chat", "code": 0}
    before = play.identity("chat")
    assert play.up("chat").code == 0
    assert play.identity("chat") == before


STARTED = [phase for phase in PHASES if phase not in ("image", "weights")]
"""The phases of a start with its image there, of an engine that loads nothing from a repository."""


@pytest.mark.parametrize(
    ("arguments", "by"),
    [
        (("compose", "--profile", "chat", "up", "-d"), "docker compose at the root"),
        pytest.param(
            ("compose", "-f", "compose/chat.yaml", "up", "-d"),
            "docker compose, as project NAME-chat",
            marks=pytest.mark.heavy,
        ),
    ],
    ids=["at the root", "one file"],
)
def test_what_plain_compose_started_is_adopted_not_started_again(
    play: Playground, arguments: tuple[str, ...], by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.profile("chat").profile("other").render()
    monkeypatch.chdir(play.folder)
    play.engine.docker(*arguments)
    before = play.identity("chat")
    rows = [row for row in json.loads(play.run("status", "--format", "json").out) if row["project"] == play.name]
    assert [(row["profile"], row["started_by"]) for row in rows] == [
        ("chat", by.replace("NAME", play.name)),
        ("other", ""),
    ]
    assert rows[0]["drift"] == []
    assert play.up("chat").code == 0
    assert play.identity("chat") == before
    assert play.run("down", "chat").code == 0
    assert play.running() == {}
    assert play.project.owned("network") == [], "the network goes with the last container"


@pytest.mark.heavy
def test_a_single_file_that_changed_since_is_replaced(play: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    play.profile("chat").render()
    monkeypatch.chdir(play.folder)
    play.engine.docker("compose", "-f", "compose/chat.yaml", "up", "-d")
    before = play.identity("chat")
    play.profile("chat", "served_name: another").render()
    assert "its file has changed" in play.run("status").err
    answer = play.up("chat")
    assert answer.code == 0, answer
    assert play.identity("chat") != before
    assert play.run("status", "--check").code == 0


@pytest.mark.heavy
def test_another_folder_with_the_same_name_is_not_robbed(play: Playground, tmp_path: Path) -> None:
    play.profile("chat").render()
    assert play.up("chat").code == 0
    before = play.identity("chat")
    copy = Playground(replace(play.project, folder=tmp_path / "copy"), play.port)
    shutil.copytree(play.folder, copy.folder)
    answer = copy.up("chat")
    assert (answer.code, f"chat is up from {play.folder}" in answer.failure["text"]) == (1, True), answer
    assert play.identity("chat") == before
    assert copy.switch("chat").code == 0
    shutil.rmtree(copy.folder)
    assert play.up("chat").code == 0, "a folder that is gone minds nobody"


def test_files_that_are_out_of_date_are_refused_not_rendered(play: Playground) -> None:
    play.profile("chat").render().profile("chat", "served_name: another")
    answer = play.run("up", "chat")
    assert (answer.code, f"run `mmcompose -C {play.folder} render`" in answer.err) == (1, True)
    assert "compose/chat.yaml: its sources changed" in answer.err
    reported = play.up("chat").failure
    assert (reported["code"], reported["files"]) == (1, [{"path": "compose/chat.yaml", "cause": "its sources changed"}])
    assert play.running() == {}


def test_values_of_the_command_line_are_shown_kept_aside_and_reported_as_drift(play: Playground) -> None:
    play.profile("chat").profile("other").render()
    committed = (play.folder / "compose/chat.yaml").read_text()
    answer = play.up("chat", "--set", "served_name=renamed")
    assert answer.code == 0, answer
    assert '+      - "renamed"' in answer.err
    assert (play.folder / "compose/chat.yaml").read_text() == committed
    assert "renamed" in (play.folder / ".mmcompose/chat.yaml").read_text()
    assert (play.folder / ".mmcompose/.gitignore").read_text() == "*\n"
    assert "started with values from the command line" in play.run("status").err
    assert play.run("status", "--check").code == 1
    assert play.up("chat").code == 0
    assert play.run("status", "--check").code == 0, "started from its own file again"


def test_a_value_that_is_wrong_is_refused_before_docker_is_needed(play: Playground) -> None:
    play.profile("chat").render()
    answer = play.run("up", "chat", "--set", "ports.api=banana")
    assert (answer.code, "ports.api" in answer.err) == (2, True)
    [problem] = play.up("chat", "--set", "ports.api=banana").failure["problems"]
    assert problem["path"] == "ports.api"
    assert "nosuch" in play.up("nosuch").failure["text"]


def test_a_secret_reaches_the_engine_and_is_nowhere_to_be_read(play: Playground) -> None:
    secret = "sesame-open-93"
    path = play.project.write(secret, "secrets/key")
    path.chmod(0o400)

    os.chown(path, 1000, 1000)
    text = "secrets: {api-key: {file: secrets/key, path_env: KEY_FILE}}"
    answer = play.profile("chat", text, key_file="/run/secrets/api-key").render().up("chat")
    assert answer.code == 0, answer
    assert play.run("test", "chat").code == 0
    assert secret not in play.engine.docker("inspect", f"{play.name}-chat")
    assert secret not in answer.out + answer.err


def test_a_key_that_nobody_gave_is_what_the_failure_says(play: Playground) -> None:
    play.project.write("sesame", "key.txt")
    text = "mounts: [{source: standin.py, target: /app/standin.py}, {source: key.txt, target: /key}]"
    answer = play.profile("chat", text, key_file="/key").render().up("chat")
    assert (answer.code, answer.failure["cause"]) == (4, "engine-refused")
    assert "/v1/chat/completions answered 401" in answer.failure["text"]


@pytest.mark.heavy
def test_of_two_starts_of_one_profile_at_once_both_see_it_ready(play: Playground) -> None:
    play.profile("chat", load_seconds=1).render()
    both = [play.begin("up", "chat") for _ in range(2)]
    printed = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert play.running() == {"chat": "running"}


@pytest.mark.heavy
def test_a_profile_that_is_taken_down_while_it_comes_up_is_reported_as_gone(play: Playground) -> None:
    play.profile("chat", load_seconds=300).render()
    process = play.begin("up", "chat")
    while play.running() != {"chat": "running"}:
        time.sleep(0.1)
    assert play.run("down", "chat").code == 0
    _, printed = process.communicate(timeout=300)
    assert (process.returncode, "somebody took it down" in printed or "stopped" in printed) == (4, True), printed


@pytest.mark.heavy
def test_no_wait_returns_at_once_and_status_tells_how_far_it_is(play: Playground) -> None:
    play.profile("slow", load_seconds=3600).profile("quick").render()
    for name, phase in (("slow", "health"), ("quick", "ready")):
        assert play.up(name, "--no-wait").phases() == ["create"]
        seen: set[str] = set()
        end = time.monotonic() + 300
        while phase not in seen and time.monotonic() < end:
            rows = json.loads(play.run("status", "--format", "json").out)
            seen.add(next(row["phase"] for row in rows if row["profile"] == name))
        assert {phase} <= seen <= {"run", "port", "health", "model", "ready"}


def test_logs_are_shown_also_of_the_dead(play: Playground) -> None:
    play.profile("chat", 'restart: "no"', say="last words", die_after=0.1).render()
    assert play.up("chat").code == 4
    assert "last words" in play.run("logs", "chat").out
    assert play.run("logs", "-f", "chat", "--tail", "1").out == "chat | last words\n"
    assert play.run("logs", "nosuch").code == 2


def test_stop_all_takes_down_what_is_of_this_project(play: Playground, play_on: Callable[..., Playground]) -> None:
    other = play_on(play.engine).profile("chat").render()
    play.profile("chat").profile("talk").render()
    assert [one.up(name).code for one, name in ((play, "chat"), (play, "talk"), (other, "chat"))] == [0, 0, 0]
    assert play.run("stop-all").code == 0
    assert (play.running(), other.running()) == ({}, {"chat": "running"})


@pytest.mark.heavy
def test_a_model_is_as_good_as_a_profile_and_of_several_one_is_requested(play: Playground) -> None:
    mounted = "mounts: [{source: standin.py, target: /app/standin.py}]"
    for name in ("ocr", "ocr-small", "chat"):
        play.profile(name, f"weights: {{repo: some/Model-{name[-5:]}}}\nserved_name: stand-in\n{mounted}")
    play.render()
    answer = play.run("up", "stand-in")
    assert (answer.code, "stand-in is served by 3 profiles" in answer.err) == (2, True)
    assert play.run("ocr", "some/model-small", "--format", "json").code == 0
    assert play.running() == {"ocr-small": "running"}
    answer = play.run("ocr", "some/Model-chat")
    assert (answer.code, "no profile is called 'some/Model-chat' or serves it" in answer.err) == (2, True)
    assert play.run("ocr").code == 0
    assert play.running() == {"ocr": "running", "ocr-small": "running"}
    assert play.run("sam3").code == 2


@pytest.mark.heavy
def test_an_image_of_our_own_is_built_when_it_is_missing_and_again_on_request(play: Playground) -> None:
    play.project.write(f"FROM {IMAGE}\nRUN date +%N > /made\n", "image/Dockerfile")
    tag = f"{play.name}-built:v1"
    text = f"image: {tag}\nimage_type: build\nbuild: {{context: image}}"
    play.profile("chat", text).render()
    try:
        assert play.up("chat", "--build-only").phases() == ["image"]
        assert play.running() == {}
        again = play.run("up", "chat", "--build-only")
        assert (again.code, f"nothing to fetch or build: {tag}" in again.err) == (0, True)
        assert play.up("chat").phases() == STARTED, "it is there already"
        assert play.up("chat", "--rebuild").phases()[0] == "image"
        play.project.write("FROM nosuch/base:v1\n", "image/Dockerfile")
        answer = play.up("chat", "--rebuild")
        assert (answer.code, answer.failure["cause"] in NOT_PULLED) == (4, True), answer.failure
        assert play.running() == {"chat": "running"}
    finally:
        play.run("stop-all")
        play.engine.docker("image", "rm", "--force", tag)


def test_a_real_model_answers_through_mmcompose(play: Playground, llama_image: str, smollm2: Path) -> None:
    (play.folder / "models").mkdir()
    (play.folder / "models" / smollm2.name).hardlink_to(smollm2)
    play.profile("chat", f"""
        backend: llamacpp
        image: {llama_image}
        engine_version: b9603
        weights: {{path: models/{smollm2.name}, format: gguf}}
        served_name: smollm2
        args: {{ctx_size: 2048, threads: 2}}
        resources: {{memory: 2g}}
    """).render()  # fmt: skip
    answer = play.run("test", "chat")
    assert answer.code == 0, answer
    assert "Paris" in answer.out


@pytest.mark.heavy
def test_the_old_engine_does_all_this_too(old_engine: Engine, play_on: Callable[..., Playground]) -> None:
    play = play_on(old_engine)
    heavy = "resources: {memory: 10g}"
    play.profile("first", heavy).profile("second", heavy).profile("dies", heavy, die_after=0.1).render()
    assert play.up("first").code == 0
    assert play.switch("second").code == 0
    assert play.switch("dies").failure["after"] == ["second was stopped for it, and is back"]
    assert play.running() == {"second": "running"}
    assert play.run("status", "--check").code == 0
    assert play.run("stop-all").code == 0
    assert play.running() == {}
