"""Looking at the GPUs: whose process it was, who else was there, and a reader that fails now and then."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.results.memory_curve import Sample
from mmcompose.bench.vram.patience import Patience
from mmcompose.bench.vram.sampling import Sampler, container_of
from mmcompose.deploy.machine.card_memory import CardMemory, Process
from mmcompose.deploy.machine.gpu_memory import Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS, OTHER = "a" * 64, "b" * 64
CGROUPS = {
    11: f"0::/system.slice/docker-{OURS}.scope\n",
    12: f"0::/docker/{OURS}/worker\n",
    13: f"12:memory:/docker/{OTHER}\n0::/\n",
    14: "0::/user.slice/user-1000.slice\n",
    15: f"0::/kubepods/pod1/cri-containerd-{OTHER}.scope\n",
    16: "0::/" + "c" * 65 + "\n",
}


class Plays:
    """A reader that answers what it was given, the last answer again and again."""

    source, why = "nvml", ""

    def __init__(self, *answers: Sequence[CardMemory]) -> None:
        self.answers = [list(answer) for answer in answers]

    def read(self) -> list[CardMemory]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def card(used: float | None, *processes: Process, unlisted: bool = False, number: int = 0) -> CardMemory:
    return CardMemory(number, f"GPU-{number}", "Double", used, 12288, None if unlisted else processes)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    for pid, text in CGROUPS.items():
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "cgroup").write_text(text)
        (tmp_path / str(pid) / "comm").write_text(f"engine-{pid}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("pid", "home"), [(11, OURS), (12, OURS), (13, OTHER), (14, None), (15, OTHER), (16, None), (99, None)]
)
def test_a_process_is_known_by_its_control_group(proc: Path, pid: int, home: str | None) -> None:
    assert container_of(pid, proc) == home


def looked(proc: Path, *answers: Sequence[CardMemory]) -> Sampler:
    moments = iter(range(100))
    sampler = Sampler(Plays(*answers), proc=proc, now=lambda: float(next(moments)))
    for _ in answers:
        sampler.look()
    return sampler


def test_all_processes_of_a_container_count_as_one(proc: Path) -> None:
    sampler = looked(proc, [card(2000, Process(11, 900), Process(12, 600))])
    assert sampler.samples({OURS}) == [Sample(0, 2000, 1500)]
    assert sampler.strangers({OURS}) == []


def test_memory_over_several_cards_is_their_sum_and_unknown_where_one_is(proc: Path) -> None:
    two = looked(proc, [card(2000, Process(11, 900)), card(500, Process(12, 400), number=1)])
    assert two.samples({OURS}) == [Sample(0, 2500, 1300)]
    half = looked(proc, [card(2000), card(None, number=1)])
    assert half.samples({OURS})[0].used_mib is None


def test_who_else_was_there_is_named_even_when_it_was_there_once(proc: Path) -> None:
    sampler = looked(proc, [card(100)], [card(300, Process(13, 150), Process(14, None))], [card(100)])
    strangers = sampler.strangers({OURS})
    assert strangers is not None
    assert [(one.pid, one.name, one.container, one.mib) for one in strangers] == [
        (13, "engine-13", OTHER, 150),
        (14, "engine-14", None, None),
    ]


def test_where_processes_cannot_be_listed_nobody_can_tell_who_was_there(proc: Path) -> None:
    sampler = looked(proc, [card(100)], [card(300, unlisted=True)])
    assert sampler.strangers({OURS}) is None
    assert sampler.samples({OURS})[1] == Sample(1, 300, None)


def test_a_share_that_is_not_reported_is_no_share_of_nought(proc: Path) -> None:
    assert looked(proc, [card(100, Process(11, None))]).samples({OURS})[0].containers_mib is None


def test_a_process_that_is_gone_in_a_moment_keeps_its_home(proc: Path) -> None:
    sampler = looked(proc, [card(100, Process(11, 50))])
    (proc / "11/cgroup").unlink()
    sampler.look()
    assert sampler.strangers({OURS}) == []


def test_it_looks_by_itself_until_it_is_stopped(proc: Path) -> None:
    with Sampler(Plays([card(100)]), period=0.005, proc=proc) as sampler:
        end = time.monotonic() + 300
        while len(sampler.looks) < 5 and time.monotonic() < end:
            time.sleep(0.005)
    seen = len(sampler.looks)
    assert seen >= 5
    time.sleep(0.05)
    assert len(sampler.looks) == seen


def test_where_nothing_can_be_read_nothing_is_waited_for() -> None:
    with Sampler(Unread("no GPU")) as sampler:
        Patience(baseline=3600, unload=3600).before(sampler, 3600)
        Patience(baseline=3600, unload=3600).after(sampler, None)
    assert sampler.samples(set()) == []
    assert sampler.strangers(set()) is None


def test_the_wait_for_free_memory_ends_when_it_is_free(proc: Path) -> None:
    with Sampler(Plays([card(900)], [card(900)], [card(120)]), period=0.005, proc=proc) as sampler:
        Patience(unload=3600).after(sampler, 100.0)
    assert sampler.samples(set())[-1].used_mib == 120


def test_the_wait_for_memory_that_never_comes_back_ends_too(proc: Path) -> None:
    with Sampler(Plays([card(900)]), period=0.005, proc=proc) as sampler:
        Patience(unload=0.05).after(sampler, 100.0)
    assert sampler.samples(set())[-1].used_mib == 900
