"""The page: whole in one file, true to the run, and fit for a phone and for the dark, seen by a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.report import run_text
from mmcompose.bench.report.page_text import page
from mmcompose.bench.report.worst import keep_pictures
from tests.bench.making import point, requests, result, run, write

if TYPE_CHECKING:
    from pathlib import Path

    from mmcompose.bench.results.record import Record
    from tests.bed.browser import Browser

HOSTILE = '</script><script>document.title="owned"</script>"\'&<img src=x onerror=alert(1)>'


class Reader(HTMLParser):
    """What a browser would fetch or run, and the texts of table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.charts: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "action", "data", "poster") and value:
                self.fetched.append(value)
            if name == "data-chart":
                self.charts.append(str(value))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


def test_the_page_fetches_nothing(tmp_path: Path) -> None:
    text = page([run(tmp_path / "a")])
    assert read(text).fetched == []
    assert not re.search(r"@import|url\(", text.partition("<script>")[0])


def test_environment_and_warnings_stand_before_the_figures(tmp_path: Path) -> None:
    made = requests(8)
    flagged = point(8, made, validity=[{"id": "client_saturated", "meaning": "the client was the limit", "detail": ""}])
    text = page([write(tmp_path / "a", result([flagged]), made)])
    assert text.index("client_saturated at c=8: the client was the limit") < text.index("<table>")
    assert text.index("vllm/vllm-openai:v0.24.0") < text.index("<table>")


def test_every_level_is_a_row_and_the_knee_is_marked(tmp_path: Path) -> None:
    text = page([run(tmp_path / "a")])
    rows = re.findall(r'<tr( class="knee")?>.*?<th scope="row">(c=\d+)', text, re.DOTALL)
    assert [name for _, name in rows] == ["c=8", "c=16", "c=24", "c=32"]
    assert [name for knee, name in rows if knee] == ["c=16"]


def chart(text: str, title: str) -> dict[str, Any]:
    found = [json.loads(each) for each in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text)]
    return next(each for each in found if each["title"] == title)


def test_the_charts_draw_the_figures_of_the_run(tmp_path: Path) -> None:
    record = run(tmp_path / "a")
    text = page([record])
    curve = chart(text, "Throughput against latency")
    assert [dot["x"] for dot in curve["lines"][0]["points"]] == [each["output_tok_s"] for each in record.points]
    assert [dot["y"] for dot in curve["lines"][1]["points"]] == [each["ttft_ms"]["p99"] for each in record.points]
    assert [dot["label"] for dot in curve["lines"][0]["points"] if dot["knee"]] == ["c=16"]
    first = chart(text, "Time to first token")["lines"][0]["points"]
    assert first[0]["y"] == 0
    assert first[-1] == {"x": record.points[0]["ttft_ms"]["max"], "y": 100}
    assert {each["label"] for each in chart(text, "Timeline")["lines"]} == {"in flight", "tok/s"}


def hostile(folder: Path) -> Any:
    made = [{**one, "ok": index > 2} for index, one in enumerate(requests(8))]
    each = point(8, made, name=HOSTILE, error_examples={"http_500": HOSTILE})
    data = result([each], HOSTILE)
    data["run"] |= {"exit_reason": HOSTILE, "status": "aborted", "command": [HOSTILE]}
    data["target"] |= {"profile": HOSTILE, "model": {"id": HOSTILE}}
    return write(folder, data, made)


def test_nothing_in_a_result_becomes_part_of_the_page(tmp_path: Path) -> None:
    reader = read(page([hostile(tmp_path / "a")]))
    assert "img" not in reader.tags
    plain = read(page([run(tmp_path / "b", (8,))]))
    assert reader.tags.count("script") - len(reader.charts) == plain.tags.count("script") - len(plain.charts)


@pytest.mark.parametrize("status", ["running", "aborted"])
def test_a_run_that_did_not_end_says_so_at_the_top(tmp_path: Path, status: str) -> None:
    data = result([])
    data["run"] |= {"status": status, "exit_reason": "interrupted by SIGINT"}
    text = page([write(tmp_path / "a", data)])
    assert f"this run is {status}: interrupted by SIGINT" in text
    assert "Nothing was measured." in text


def test_several_runs_share_one_curve(tmp_path: Path) -> None:
    text = page([run(tmp_path / "a", count=100), run(tmp_path / "b", count=100, seed=2)])
    lines = chart(text, "Throughput against latency")["lines"]
    assert [(each["label"], each["run"]) for each in lines] == [
        ("a TTFT p50", 0), ("a TTFT p99", 0), ("b TTFT p50", 1), ("b TTFT p99", 1)
    ]  # fmt: skip
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", text) == ["What differs", "load of ocr, a", "load of ocr, b"]


def test_a_run_keeps_its_colour_where_a_figure_of_it_is_missing(tmp_path: Path) -> None:
    one, other = run(tmp_path / "a", count=100), run(tmp_path / "b", count=100, seed=2)
    for each in one.points:
        each["ttft_ms"]["p99"] = None
    lines = chart(page([one, other]), "Throughput against latency")["lines"]
    assert [each["run"] for each in lines] == [0, 1, 1]


def test_what_differs_stands_first_with_its_verdict_and_interval(tmp_path: Path) -> None:
    text = page([run(tmp_path / "a"), run(tmp_path / "b", seed=2, slower=2.0)])
    table = text[text.index('<table class="differences">') : text.index("Throughput against latency")]
    heads = re.findall(r'<th scope="col">(.*?)</th>', table)
    assert heads == ["point", "metric", "verdict", "interval", "change", "before", "after"]
    row = re.search(r'<tr class="worse"><th scope="row">c=8</th><td>TTFT p50</td><td>worse</td><td>(.*?)</td>', table)
    assert row
    assert " … " in row[1]


def test_runs_of_unlike_loads_are_distinguished_and_not_compared(tmp_path: Path) -> None:
    other = run(tmp_path / "b", (8,), kind="ocr-sweep")
    text = page([run(tmp_path / "a"), other])
    assert "not the same load" in text
    assert '<table class="differences">' not in text


def test_levels_left_out_of_the_knee_are_named(tmp_path: Path) -> None:
    made = [requests(level) for level in (8, 16)]
    late = [{"id": "client_starved", "meaning": "other work kept the client waiting", "detail": ""}]
    points = [point(8, made[0]), point(16, made[1], validity=late)]
    record = write(tmp_path / "a", result(points), [*made[0], *made[1]])
    text = page([record])
    assert text.lower().count("left out, since the client was late: c=16") == 3, (
        "above the table, and in the chart's note and its data"
    )
    assert "left out, since the client was late: c=16" in run_text.text(record)


def sweep(folder: Path, picture: bytes, answer: str, truth: str) -> Record:
    """A sweep in which one picture was read badly, with that picture kept."""
    worst = [{"image": "a.jpg", "similarity": 0.5, "fields_missing": ["date"], "answer": answer, "expected": truth}]
    points = [
        point(level, requests(level), score={"similarity_mean": 0.9, "similarity_min": 0.5, "worst": worst})
        for level in (1, 8)
    ]
    data = result(points, "ocr-sweep")
    data["load"]["images"] = [{"name": "a.jpg", "sha256": hashlib.sha256(picture).hexdigest()}]
    record = write(folder / "run", data)
    (folder / "pictures").mkdir()
    (folder / "pictures/a.jpg").write_bytes(picture)
    keep_pictures(record, folder / "pictures")
    return record


JPEG = b"\xff\xd8\xffjpeg"


def test_a_sweep_shows_its_worst_texts_beside_their_pictures_and_how_similarity_fell(tmp_path: Path) -> None:
    text = page([sweep(tmp_path, JPEG, "total 12 EUR", "total 72 EUR")])
    assert [dot["x"] for dot in chart(text, "Similarity to the truth")["lines"][0]["points"]] == [1, 8]
    assert text.count("<article>") == 1, "an image is shown once"
    assert "a.jpg at c=1: similarity 0.5000, missing date" in text
    assert "total <mark>12</mark> EUR" in text
    assert "total <mark>72</mark> EUR" in text
    assert read(text).fetched == ["data:image/jpeg;base64," + base64.b64encode(JPEG).decode()]


def test_a_picture_that_is_not_the_one_that_was_measured_is_not_shown(tmp_path: Path) -> None:
    record = sweep(tmp_path, JPEG, HOSTILE, HOSTILE)
    (record.folder / "images/a.jpg").write_bytes(JPEG + b"another")
    text = page([record])
    assert read(text).fetched == []
    assert "a.jpg was not kept" in text


def test_answers_to_the_fixed_prompts_stand_side_by_side(tmp_path: Path) -> None:
    records = []
    for name, printed in {"a": "Canberra.", "b": "Sydney."}.items():
        made = [{**one, "label": "fact", "text": printed} for one in requests(8)]
        made.append({**made[0], "label": "sum", "text": "8 euros"})
        data = result([point(8, made)])
        data["load"]["dataset"] = "fixed prompts"
        records.append(write(tmp_path / name, data, made))
    text = page(records)
    assert (
        '<th scope="row"><mark>fact</mark></th><td class="words">Canberra.</td><td class="words">Sydney.</td>' in text
    )
    assert '<th scope="row">sum</th><td class="words">8 euros</td>' in text, "marked only where they differ"
    assert "What was answered" not in page([run(tmp_path / "c")])


def dumped(browser: Browser, folder: Path, text: str, *options: str) -> str:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return browser.dom(path, *options)


@pytest.mark.docker
def test_a_browser_draws_every_chart(browser: Browser, tmp_path: Path) -> None:
    text = page([run(tmp_path / "a", count=100), run(tmp_path / "b", count=100, seed=2)])
    dom = dumped(browser, tmp_path, text)
    assert f'data-drawn="{len(read(text).charts)}"' in dom


@pytest.mark.docker
def test_a_browser_runs_nothing_out_of_a_result(browser: Browser, tmp_path: Path) -> None:
    dom = dumped(browser, tmp_path, page([hostile(tmp_path / "a")]))
    assert "<title>owned" not in dom
    assert "data-drawn" in dom


POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.mark.heavy
@pytest.mark.docker
def test_a_browser_runs_no_program_but_the_page_s_own_even_if_one_got_in(browser: Browser, tmp_path: Path) -> None:
    text = page([run(tmp_path / "a")])
    assert len(POLICY.findall(text)) == 1
    intruder = "<script>document.documentElement.dataset.owned = 1</script><img src=x onerror='document.title=1'>"
    dom = dumped(browser, tmp_path, text.replace("</body>", f"{intruder}</body>"))
    assert "data-drawn" in dom
    assert "data-owned" not in dom


MEASURE = """<script>addEventListener("load", () => { document.documentElement.dataset.wide =
 document.documentElement.scrollWidth + "/" + window.innerWidth; });</script></body>"""


@pytest.mark.heavy
@pytest.mark.docker
def test_on_a_phone_only_tables_and_commands_scroll_sideways(browser: Browser, tmp_path: Path) -> None:
    text = POLICY.sub("", page([run(tmp_path / "a")])).replace("</body>", MEASURE)
    dom = dumped(browser, tmp_path, text, "--window-size=400,800")
    found = re.search(r'data-wide="(\d+)/(\d+)"', dom)
    assert found
    assert int(found[1]) <= int(found[2])


@pytest.mark.heavy
@pytest.mark.docker
def test_in_the_dark_the_ground_is_dark(browser: Browser, tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "page.html"
    path.write_text(page([run(tmp_path / "a")]), encoding="utf-8")
    seen = {}
    for name, options in {"light": (), "dark": ("--blink-settings=preferredColorScheme=0",)}.items():
        shot = tmp_path / f"{name}.png"
        browser.shot(path, shot, "--window-size=900,1200", *options)
        corner = Image.open(shot).convert("L").crop((2, 2, 4, 4))
        seen[name] = corner.tobytes()[0]
    assert seen["light"] > 200
    assert seen["dark"] < 50
