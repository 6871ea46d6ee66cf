"""The page: whole in one file, true to the run, and fit for a phone and for the dark, seen by a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.page_text import page
from tests.bench.making import point, requests, result, run, write

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
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
    text = page([run(tmp_path / "a"), run(tmp_path / "b", seed=2)])
    assert len(chart(text, "Throughput against latency")["lines"]) == 4
    assert text.count("<h2") == 2


def browser(*arguments: str, timeout: float = 120) -> str:
    if BROWSER is None:
        pytest.skip("no Chromium here")
    apart = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=4000"]
    environment = {**os.environ, "HOME": "/tmp", "XDG_RUNTIME_DIR": "/tmp"}
    done = subprocess.run(
        [BROWSER, *apart, *arguments], capture_output=True, text=True, timeout=timeout, check=False, env=environment
    )
    return done.stdout


def dumped(folder: Path, text: str, *options: str) -> str:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return browser("--dump-dom", *options, f"file://{path}")


def test_a_browser_draws_every_chart(tmp_path: Path) -> None:
    text = page([run(tmp_path / "a"), run(tmp_path / "b", seed=2)])
    dom = dumped(tmp_path, text)
    assert f'data-drawn="{len(read(text).charts)}"' in dom


def test_a_browser_runs_nothing_out_of_a_result(tmp_path: Path) -> None:
    dom = dumped(tmp_path, page([hostile(tmp_path / "a")]))
    assert "<title>owned" not in dom
    assert "data-drawn" in dom


MEASURE = """<script>addEventListener("load", () => { document.documentElement.dataset.wide =
 document.documentElement.scrollWidth + "/" + window.innerWidth; });</script></body>"""


def test_on_a_phone_only_tables_and_commands_scroll_sideways(tmp_path: Path) -> None:
    text = page([run(tmp_path / "a")]).replace("</body>", MEASURE)
    dom = dumped(tmp_path, text, "--window-size=400,800")
    found = re.search(r'data-wide="(\d+)/(\d+)"', dom)
    assert found
    assert int(found[1]) <= int(found[2])


def test_in_the_dark_the_ground_is_dark(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "page.html"
    path.write_text(page([run(tmp_path / "a")]), encoding="utf-8")
    seen = {}
    for name, options in {"light": (), "dark": ("--blink-settings=preferredColorScheme=0",)}.items():
        shot = tmp_path / f"{name}.png"
        browser("--window-size=900,1200", *options, f"--screenshot={shot}", f"file://{path}")
        corner = Image.open(shot).convert("L").crop((2, 2, 4, 4))
        seen[name] = corner.tobytes()[0]
    assert seen["light"] > 200
    assert seen["dark"] < 50
