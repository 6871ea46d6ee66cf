"""What people and machines see of a start."""

from __future__ import annotations

import json
import sys

import pytest

from mmcompose.cli.printing.progress import Progress
from mmcompose.deploy.ready.events import Event
from mmcompose.model.phases import PHASES, TITLES

START = [
    Event("plan", "ocr", lines=("start  ocr on GPU 0",)),
    Event("phase", "ocr", phase="create"),
    Event("line", "ocr", text="Container mm-ocr  Starting"),
    Event("reached", "ocr", phase="create", seconds=0.5),
    Event("tick", "ocr", "ocr", "health", seconds=3.0),
    Event("reached", "ocr", "ocr", "health", seconds=12.25),
    Event("reached", "ocr", "ocr", "token", seconds=0.31, text="Paris"),
    Event("ready", "ocr", seconds=13.1, lines=("http://127.0.0.1:8000",)),
]


def shown(style: str, capsys: pytest.CaptureFixture[str], *, verbose: bool = False) -> tuple[str, str]:
    progress = Progress(style, verbose=verbose)
    for event in START:
        progress(event)
    progress.end()
    printed = capsys.readouterr()
    return printed.out, printed.err


def test_plain_lines_tell_each_phase_and_the_answer_stands_alone_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, err = shown("text", capsys)
    assert out == "ocr is ready after 13.1 s at http://127.0.0.1:8000\n"
    assert err.splitlines() == [
        "start  ocr on GPU 0",
        "ocr: create     0.50 s",
        "ocr: health    12.25 s",
        "ocr: token      0.31 s 'Paris'",
    ]


def test_what_docker_prints_is_shown_when_requested(capsys: pytest.CaptureFixture[str]) -> None:
    assert "  Container mm-ocr  Starting\n" in shown("text", capsys, verbose=True)[1]


def test_machines_get_one_event_a_line_and_no_noise(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = shown("json", capsys)
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["plan", "phase", "reached", "reached", "reached", "ready"]
    assert events[4] == {
        "event": "reached", "profile": "ocr", "service": "ocr", "phase": "token", "seconds": 0.31, "text": "Paris"
    }  # fmt: skip
    assert err == ""


def test_a_terminal_has_one_line_that_is_written_over(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    out, err = shown("text", capsys)
    assert "\r\x1b[K[============........] loading, until the engine says it is well  3.0 s" in err
    assert out == "ocr is ready after 13.1 s at http://127.0.0.1:8000\n"


def test_a_long_wait_gives_a_sign_of_life_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("text")
    for second in range(120):
        progress(Event("tick", "ocr", "ocr", "health", seconds=float(second)))
    lines = capsys.readouterr().err.splitlines()
    assert 2 < len(lines) < 10
    assert lines[0] == "ocr: loading, until the engine says it is well, 16 s so far"


def test_a_sign_of_life_counts_from_the_beginning_of_its_phase(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("text")
    for phase in ("port", "health"):
        for second in (1.0, 14.0, 16.0, 18.0):
            progress(Event("tick", "ocr", "ocr", phase, seconds=second))
    assert capsys.readouterr().err.splitlines() == [
        f"ocr: {TITLES[phase]}, 16 s so far" for phase in ("port", "health")
    ]


def test_every_phase_has_its_text() -> None:
    assert set(PHASES) == set(TITLES)


def test_where_lines_stay_the_wait_shows_the_last_answer(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("text")
    progress(Event("tick", "ocr", "ocr", "model", seconds=77.0, text="/v1/models answered 503: \x1b[2Jloading"))
    assert capsys.readouterr().err.startswith("ocr: waiting for the model, 77 s so far (/v1/models answered 503:")
