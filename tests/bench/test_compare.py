"""Better, worse, the same, or not known: and never a verdict over two different loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.report.compare_text import headline, markdown, text
from mmcompose.bench.results.compare import ComparedMetric, compare
from tests.bench.making import point, requests, result, run, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mmcompose.bench.results.record import Record


def verdicts(rows: tuple[ComparedMetric, ...]) -> dict[str, str]:
    return {f"{row.point} {row.metric.name}": row.verdict for row in rows}


def test_a_run_against_another_of_the_same_speed_has_no_regression(tmp_path: Path) -> None:
    found = compare([run(tmp_path / "a")], [run(tmp_path / "b", seed=2)])
    assert found.regressions == []
    assert set(verdicts(found.rows).values()) <= {"same", "inconclusive"}
    assert verdicts(found.rows)["c=8 output_tok_s"] == "same"


def test_a_dozen_pairs_of_equal_runs_give_hardly_a_false_alarm(tmp_path: Path) -> None:
    base = run(tmp_path / "base", (8,))
    alarms = [
        len(compare([base], [run(tmp_path / f"{seed}", (8,), seed=seed)]).regressions) for seed in range(100, 112)
    ]
    assert sum(count > 0 for count in alarms) <= 1


def test_an_eighth_slower_is_worse_and_the_other_way_round_better(tmp_path: Path) -> None:
    fast, slow = run(tmp_path / "fast"), run(tmp_path / "slow", slower=1.15, seed=2)
    worse, better = compare([fast], [slow]), compare([slow], [fast])
    for level in ("c=8", "c=16", "c=32"):
        assert verdicts(worse.rows)[f"{level} output_tok_s"] == "worse"
        assert verdicts(better.rows)[f"{level} output_tok_s"] == "better"
    assert better.regressions == []
    assert headline(worse).startswith(f"{len(worse.regressions)} worse")


def test_a_few_requests_are_never_enough_for_a_verdict_of_a_tenth(tmp_path: Path) -> None:
    found = compare([run(tmp_path / "a", (8,), count=8)], [run(tmp_path / "b", (8,), count=8, slower=1.1, seed=2)])
    assert verdicts(found.rows)["c=8 ttft_p50"] == "inconclusive"


def test_with_three_repeats_the_runs_decide_and_not_their_requests(tmp_path: Path) -> None:
    """Runs that drift by a tenth each: within one run that is invisible, between runs it is the noise."""
    drift = (0.9, 1.0, 1.1)
    before = [run(tmp_path / f"a{index}", (8,), slower=each, seed=index) for index, each in enumerate(drift)]
    after = [run(tmp_path / f"b{index}", (8,), slower=1.12 * each, seed=9 + index) for index, each in enumerate(drift)]
    single, repeated = compare(before[1:2], after[1:2]), compare(before, after)
    assert verdicts(single.rows)["c=8 output_tok_s"] == "worse"
    assert verdicts(repeated.rows)["c=8 output_tok_s"] == "inconclusive"
    assert repeated.between_runs
    assert "between repeats" in markdown(repeated)


def test_a_level_that_its_client_could_not_reach_gets_no_verdict(tmp_path: Path) -> None:
    made = requests(8)
    flagged = point(8, made, validity=[{"id": "client_saturated", "meaning": "", "detail": ""}])
    one = write(tmp_path / "a", result([point(8, made)]), made)
    other = write(tmp_path / "b", result([flagged]), requests(8, ttft=500, tpot=100))
    found = compare([one], [other])
    assert {row.verdict for row in found.rows} == {"inconclusive"}
    assert {row.why for row in found.rows} == {"client_saturated"}


def failing(level: int, failures: int) -> list[dict[str, Any]]:
    made = requests(level)
    return [{**one, "ok": index >= failures} for index, one in enumerate(made)]


@pytest.mark.parametrize(("failures", "verdict"), [(0, None), (1, "inconclusive"), (30, "worse")])
def test_failures_are_compared_as_a_share(tmp_path: Path, failures: int, verdict: str | None) -> None:
    base = write(tmp_path / "a", result([point(8, requests(8))]), requests(8))
    made = failing(8, failures)
    found = compare([base], [write(tmp_path / "b", result([point(8, made)]), made)])
    assert verdicts(found.rows).get("c=8 errors") == verdict


def load(**changes: Any) -> Callable[[Path], Record]:
    def make(folder: Path) -> Record:
        made = requests(8)
        each = point(8, made)
        each["load"] |= changes
        return write(folder, result([each]), made)

    return make


def images(*hashes: str) -> Callable[[Path], Record]:
    def make(folder: Path) -> Record:
        made = requests(8)
        files = [{"name": "a.jpg", "bytes": 1, "sha256": each} for each in hashes]
        return write(folder, result([point(8, made)], "ocr-sweep", load={"images": files}), made)

    return make


UNLIKE = {
    "other kinds": (load(), lambda folder: run(folder, (8,), kind="ocr-sweep"), "kind: load and ocr-sweep"),
    "no common level": (load(), lambda folder: run(folder, (16,)), "no point in common"),
    "longer answers": (load(), load(output_tokens=256), "output_tokens: 64 and 256"),
    "an open load": (load(), load(mode="open"), "mode: closed and open"),
    "cached prompts": (load(unique_prefix=True), load(unique_prefix=False), "unique_prefix: True and False"),
    "other images": (images("aa"), images("bb"), "images: 1 files and 1 other files"),
}


@pytest.mark.parametrize(("before", "after", "printed"), UNLIKE.values(), ids=UNLIKE)
def test_unlike_loads_are_refused_and_reported(
    tmp_path: Path, before: Callable[[Path], Record], after: Callable[[Path], Record], printed: str
) -> None:
    found = compare([before(tmp_path / "a")], [after(tmp_path / "b")])
    assert any(printed in each for each in found.refused), found.refused
    assert found.rows == ()
    assert "not the same load" in markdown(found)


def test_unlike_loads_are_compared_when_somebody_insists(tmp_path: Path) -> None:
    found = compare([load()(tmp_path / "a")], [load(output_tokens=256)(tmp_path / "b")], unlike=True)
    assert found.rows
    assert found.refused


def test_what_differs_in_the_surroundings_is_reported_before_the_table(tmp_path: Path) -> None:
    after = run(tmp_path / "b", (8,))
    data = dict(after.result)
    data["target"] = {**data["target"], "engine": {**data["target"]["engine"], "image": "vllm/vllm-openai:v0.33.0",
                                                   "args": ["zai-org/GLM-OCR", "--max-num-seqs", "32"]}}  # fmt: skip
    data["gpus"] = [{**data["gpus"][0], "driver": "575.0"}]
    page = markdown(compare([run(tmp_path / "a", (8,))], [write(tmp_path / "b", data)]))
    assert "- image: vllm/vllm-openai:v0.24.0 → vllm/vllm-openai:v0.33.0" in page
    assert "- arguments: 16 → 32" in page
    assert "driver 575.0" in page
    assert page.index("image:") < page.index("| point")


def test_a_terminal_gets_plain_tables_without_holes_and_with_short_hashes(tmp_path: Path) -> None:
    after = run(tmp_path / "b", (8,), slower=1.5)
    data = dict(after.result)
    data["target"] = {**data["target"], "server": {"version": ""},
                      "engine": {**data["target"]["engine"], "digest": "sha256:" + "c" * 64}}  # fmt: skip
    data["target"]["model"] = {"id": "", "revision": None}
    data["project"] = {**data["project"], "git_sha": None}
    printed = text(compare([run(tmp_path / "a", (8,))], [write(tmp_path / "b", data, requests(8, ttft=500, tpot=100))]))
    assert printed.startswith("b against a: ")
    assert [sign for sign in ("#", "**", "|", "→") if sign in printed] == []
    lines = [line.split() for line in printed.splitlines()]
    assert ["model", "glm-ocr", "-"] in lines
    assert ["git", "commit", "0" * 12, "-"] in lines
    assert ["image", "digest", f"sha256:{'a' * 12}", f"sha256:{'c' * 12}"] in lines


def test_long_arguments_go_on_below_in_a_terminal(tmp_path: Path) -> None:
    data = dict(run(tmp_path / "b", (8,)).result)
    arguments = [f"--option-{index}" for index in range(40)]
    data["target"] = {**data["target"], "engine": {**data["target"]["engine"], "args": arguments}}
    printed = text(compare([run(tmp_path / "a", (8,))], [write(tmp_path / "b", data)]))
    table = printed[printed.index("WHAT DIFFERS") :].partition("\n\n")[0]
    assert max(map(len, table.splitlines())) < 110


def test_a_comparison_is_no_wider_than_the_terminal(tmp_path: Path) -> None:
    data = dict(run(tmp_path / "b", (8, 16), slower=1.4).result)
    data["target"] = {**data["target"], "engine": {**data["target"]["engine"], "args": ["--option"] * 40}}
    found = compare([run(tmp_path / "a", (8, 16))], [write(tmp_path / "b", data)])
    lines = text(found, 80).splitlines()
    assert max(map(len, lines)) <= 80
    (heads,) = (line for line in lines if line.startswith("POINT"))
    assert heads.split()[:4] == ["POINT", "METRIC", "VERDICT", "INTERVAL"]
    whole = text(found)
    (heads,) = (line for line in whole.splitlines() if line.startswith("POINT"))
    assert heads.split() == ["POINT", "METRIC", "VERDICT", "INTERVAL", "CHANGE", "BEFORE", "AFTER"]
    assert "…" not in heads


def test_a_run_that_was_interrupted_is_compared_with_a_warning(tmp_path: Path) -> None:
    before = run(tmp_path / "a", (8,))
    data = dict(run(tmp_path / "b", (8, 16)).result)
    data["run"] = {**data["run"], "status": "aborted"}
    found = compare([before], [write(tmp_path / "b", data)])
    assert "b: aborted" in found.caveats
    assert any("c=16: only in b" in each for each in found.unmatched)


def test_text_of_a_result_cannot_forge_markdown(tmp_path: Path) -> None:
    data = dict(run(tmp_path / "b", (8,)).result)
    data["target"] = {**data["target"], "model": {"id": "[x](http://evil) | <b>", "revision": None}}
    page = markdown(compare([run(tmp_path / "a", (8,))], [write(tmp_path / "b", data)]))
    assert "\\[x\\](http" in page
    assert "<b>" not in page.replace("\\<b\\>", "")
