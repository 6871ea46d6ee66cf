"""Each name of a metric is held against what its engine exposes at the release that this project pins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mmcompose.engines.flags.versions import key
from mmcompose.engines.known import folder, histories, metrics
from mmcompose.engines.known.metrics import Table
from mmcompose.engines.ovms.catalogue import find_release, releases
from mmcompose.engines.ovms.config.metrics import metric_fault
from mmcompose.engines.ovms.releases import Release
from tests.making import ROOT

EXPOSED = Path(__file__).parent / "exposed"
RECORDED = sorted(path.stem for path in EXPOSED.glob("*.json"))
OURS = {"rapidocr": "ocr", "sam3": "sam3"}


def table(engine: str) -> Table:
    found = metrics.table(engine)
    assert found is not None
    return found


def recorded(engine: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EXPOSED / f"{engine}.json").read_text())
    return read


def pinned(engine: str) -> str:
    """The release that the backend starts where nobody says another."""
    backend = yaml.safe_load((ROOT / f"profiles/backends/{engine}.yaml").read_text())
    return str(backend["version"]).removeprefix("v")


def test_every_engine_is_recorded_or_ours() -> None:
    assert set(folder.having("metrics.json")) == {*RECORDED, *OURS}
    assert metrics.table("zoo") is None


@pytest.mark.parametrize("engine", RECORDED)
def test_the_names_were_read_at_the_release_that_is_pinned(engine: str) -> None:
    """Who pins another release reads its names again, or sees here that they are those of the old one."""
    assert table(engine).pinned == recorded(engine)["release"] == pinned(engine)


@pytest.mark.parametrize("engine", RECORDED)
def test_a_name_is_in_the_pinned_release_exactly_where_its_range_says_so(engine: str) -> None:
    names = recorded(engine)["names"]
    there = {row.name: row.kind for row in table(engine).at(None)}
    assert [row.name for row in table(engine).rows if (row.name in names) is not (row.name in there)] == []
    assert [name for name, kind in there.items() if names[name] != kind] == []


@pytest.mark.parametrize("engine", OURS)
def test_our_own_services_expose_the_names_of_their_table(engine: str) -> None:
    source = "".join(
        path.read_text() for place in (f"{engine}/app", "kit") for path in (ROOT / "services" / place).rglob("*.py")
    )
    for row in table(engine).rows:
        stem = row.name.removeprefix(f"{OURS[engine]}_")
        assert re.search(rf'{{p}}_{stem}"|"{stem.removesuffix("_total")}"', source), row.name


@pytest.mark.parametrize("engine", folder.having("metrics.json"))
def test_rows_are_whole(engine: str) -> None:
    found = table(engine)
    for row in found.rows:
        assert row.kind in {"counter", "gauge", "histogram"}
        assert row.source
        assert set(row.select) <= set(row.labels)
        assert set(row.same_on) <= set(row.labels)
        ends = [key(found.order, end) for end in (row.since, row.until) if end is not None]
        assert None not in ends, f"{row.name}: no release of this engine"
        assert ends == sorted(ends, key=str) or ends[0] <= ends[-1], row.name  # type: ignore[operator]


def test_a_renamed_metric_has_one_name_before_and_another_after() -> None:
    def usage(version: str) -> list[str]:
        return [row.name for row in table("vllm").at(version) if row.concept == "kv_cache_usage"]

    assert usage("0.8.5") == ["vllm:gpu_cache_usage_perc"]
    assert usage("v0.24.0") == ["vllm:kv_cache_usage_perc"]
    assert usage("0.10.0") == ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"]


def test_a_release_that_has_no_metrics_has_no_rows() -> None:
    assert list(table("trtllm").at("1.0.0")) == []
    assert {row.concept for row in table("trtllm").at("1.3.0")} >= {"requests_running", "ttft"}


def test_a_commit_is_the_pinned_one_or_unknown() -> None:
    assert list(table("ik_llama").at(pinned("ik_llama")))
    assert {row.since for row in table("ik_llama").at("0" * 40)} == {None}


@pytest.mark.parametrize("engine", ["sglang", "llamacpp", "ik_llama"])
def test_the_flag_that_opens_the_path_is_one_of_the_engine(engine: str) -> None:
    history = histories.load(engine)
    assert history is not None
    assert all(history.row(name) for name in (*table(engine).on_by, *table(engine).off_by))


def test_ovms_takes_the_names_of_its_table_and_no_other() -> None:
    for release in releases():
        settled = find_release(release)
        assert isinstance(settled, Release)
        taken = [row.name for row in table("ovms").rows if metric_fault(row.name, (), settled) is None]
        assert taken == [row.name for row in table("ovms").at(release)]
        fault = metric_fault("ovms_graph_request_latency_us", (), settled)
        assert fault is not None
        assert fault.unknown, "the server declares it and lets nobody enable it"


def test_shipped_profiles_have_their_metrics_on() -> None:
    ovms = yaml.safe_load((ROOT / "profiles/order-accuracy.yaml").read_text())
    assert "ovms_graph_error" in ovms["graph"]["metrics"]
    for name in ("workbench-llama", "workbench-ik-llama"):
        assert yaml.safe_load((ROOT / f"profiles/{name}.yaml").read_text())["args"]["metrics"] is True
