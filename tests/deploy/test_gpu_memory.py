"""Reading GPU memory: a double of NVML, a script that plays nvidia-smi, and machines that have neither."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.machine.card_memory import CardMemory, Process, chosen, of_smi, total
from mmcompose.deploy.machine.gpu_memory import Reader, Unread, open_reader
from tests.bench.vram.nvml_double import UUIDS, NvmlDouble

if TYPE_CHECKING:
    from collections.abc import Callable

SMI = """\
#!/bin/sh
case "$1" in
  --query-gpu=*) printf '%s' "{cards}" ;;
  --query-compute-apps=*) {processes} ;;
esac
"""
CARDS = "0, GPU-aaaa, NVIDIA GeForce RTX 3060, 1024, 12288\n1, GPU-bbbb, NVIDIA Twelve, [N/A], 12288\n"


@pytest.fixture(autouse=True)
def _nothing_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any of it, whatever this one has."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)


@pytest.fixture
def smi(tmp_path: Path) -> Callable[..., Path]:
    def put(cards: str = CARDS, processes: str = "printf 'GPU-aaaa, 4711, 900\n'") -> Path:
        program = tmp_path / "nvidia-smi"
        program.write_text(SMI.format(cards=cards, processes=processes))
        program.chmod(0o755)
        return program

    return put


def nvml(monkeypatch: pytest.MonkeyPatch, *broken: str, **facts: bool) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", NvmlDouble(*broken, **facts))


@pytest.mark.parametrize("wanted", [["0", "1"], list(UUIDS)], ids=["by index", "by UUID"])
def test_nvml_tells_memory_and_processes_of_the_cards_that_are_meant(
    monkeypatch: pytest.MonkeyPatch, wanted: list[str]
) -> None:
    nvml(monkeypatch)
    reader = open_reader(wanted)
    assert (reader.source, reader.why) == ("nvml", "")
    assert reader.read() == [
        CardMemory(0, "GPU-aaaa", "Double 0", 1000, 12288, (Process(100, 900), Process(7, 50))),
        CardMemory(1, "GPU-bbbb", "Double 1", 2000, 12288, (Process(101, 900),)),
    ]
    assert [card.number for card in open_reader(wanted[1:]).read()] == [1]


def test_what_the_driver_reserves_counts_only_where_an_older_one_cannot_leave_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nvml(monkeypatch, "v2")
    assert open_reader(["0"]).read()[0].used_mib == 1300


def test_a_process_whose_memory_is_not_reported_has_none_and_not_nought(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml(monkeypatch, hidden=True)
    [card] = open_reader(["1"]).read()
    assert card.processes == (Process(101, None),)


def test_processes_that_cannot_be_listed_are_not_an_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml(monkeypatch, "nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetGraphicsRunningProcesses")
    [card] = open_reader(["1"]).read()
    assert (card.used_mib, card.processes) == (2000, None)


def test_a_card_of_a_server_draws_nothing_and_may_say_so_by_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml(monkeypatch, "nvmlDeviceGetGraphicsRunningProcesses", "nvmlDeviceGetIndex")
    [card] = open_reader(["GPU-aaaa"]).read()
    assert (card.number, card.processes) == (None, (Process(100, 900),))


@pytest.mark.parametrize("broken", ["nvmlInit", "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetHandleByIndex"])
def test_where_nvml_refuses_nvidia_smi_is_questioned(
    monkeypatch: pytest.MonkeyPatch, smi: Callable[..., Path], broken: str
) -> None:
    nvml(monkeypatch, broken)
    smi()
    reader = open_reader(["0"])
    assert reader.source == "nvidia-smi"
    assert reader.read() == [
        CardMemory(0, "GPU-aaaa", "NVIDIA GeForce RTX 3060", 1024, 12288, (Process(4711, 900),)),
    ]


def test_nvidia_smi_tells_unknown_memory_as_unknown(smi: Callable[..., Path]) -> None:
    smi(processes="exit 9")
    assert open_reader(["1"]).read() == [CardMemory(1, "GPU-bbbb", "NVIDIA Twelve", None, 12288, None)]


def why(wanted: list[str]) -> str:
    reader: Reader = open_reader(wanted)
    assert isinstance(reader, Unread)
    assert reader.source is None
    assert reader.read() == []
    return reader.why


def test_where_nothing_can_be_read_it_says_why(monkeypatch: pytest.MonkeyPatch, smi: Callable[..., Path]) -> None:
    missing = "nvidia-ml-py is not installed (it comes with mmcompose[vram])"
    assert why([]) == "no GPU is claimed by what is measured"
    assert why(["0"]) == f"{missing}, and there is no nvidia-smi"
    smi(cards="")
    assert why(["0"]) == f"{missing}, and nvidia-smi answers nothing that can be read"
    smi()
    assert why(["0", "5"]) == "there is no GPU 5 on this machine, as the host file has it"
    nvml(monkeypatch, "nvmlInit")
    smi(cards="garbage\n")
    assert why(["0"]) == "NVML reports Not Supported, and nvidia-smi answers nothing that can be read"
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@there")
    assert "another machine" in why(["0"])


def test_a_program_that_cannot_be_run_tells_nothing(smi: Callable[..., Path]) -> None:
    smi().write_bytes(b"\x7fELF nonsense")
    assert "nvidia-smi answers nothing" in why(["0"])


HOSTILE = ["", "\n\n", "0", "0, GPU-a, x, 1, 2, 3\n", "x, GPU-a, n, 1, 2\n", '"0, GPU-a', "\x00", "0,,,,"]


@pytest.mark.parametrize("text", [*HOSTILE, "0, GPU-a, n, nan, inf\n", "0, GPU-a, n, -5, ERR!\n"])
def test_whatever_nvidia_smi_prints_gives_figures_or_none(text: str) -> None:
    for card in of_smi(text, text):
        assert card.used_mib is None
        assert card.total_mib is None


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    assert total([1.0, 2.0]) == 3
    assert total([1.0, None]) is None
    assert total([]) is None


def test_cards_are_chosen_by_index_or_uuid_and_the_missing_are_named() -> None:
    cards = of_smi(CARDS, None)
    assert chosen(cards, ["1", "GPU-aaaa", "9"]) == ([cards[1], cards[0]], ["9"])
