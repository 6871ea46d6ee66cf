"""Where everything sits: ports and GPUs, the same on each run, and never one that is taken."""

from __future__ import annotations

import pytest

from mmcompose.model import Seat
from tests.making import compilation, problems

SETTINGS = "name: mm\nbind: 127.0.0.1\nports: 8100-8103\nhost: box\n"
HOST = """\
machine:
  accelerator: nvidia
  gpus: [{name: a, vram: 10g}, {name: b, vram: 10g}, {name: c, vram: 40g}]
  memory: 64g
  cores: 8
  uid: 1000
  gid: 1000
"""
TWIN = HOST.replace("cores", "ports: 9000-9001\n  cores")
BASE = "model: glm-ocr\nbackend: vllm\n"


def seats(
    profiles: dict[str, str], remembered: dict[str, dict[str, Seat]] | None = None
) -> tuple[dict[str, dict[str, Seat]], list[str]]:
    """Who sits where, and what is wrong with that. Each profile is what its text adds to a GLM-OCR on vLLM."""
    files = {f"profiles/{name}.yaml": BASE + text for name, text in profiles.items()}
    files |= {"profiles/hosts/box.yaml": HOST, "profiles/hosts/twin.yaml": TWIN}
    made = compilation(files, remembered=remembered, settings=SETTINGS)
    wrong = problems(made)
    assert made.stack is not None
    return {name: dict(seat) for name, seat in made.stack.seats.items()}, wrong


def ports(profiles: dict[str, str], remembered: dict[str, int] | None = None) -> dict[str, int]:
    before = {name: {name: Seat({"api": port})} for name, port in (remembered or {}).items()}
    found, wrong = seats(profiles, before)
    assert not wrong, wrong
    return {name: seat[name].ports["api"] for name, seat in found.items()}


def gpus(profiles: dict[str, str], remembered: dict[str, tuple[int, ...]] | None = None) -> dict[str, tuple[int, ...]]:
    before = {name: {name: Seat({}, cards)} for name, cards in (remembered or {}).items()}
    found, wrong = seats(profiles, before)
    assert not wrong, wrong
    return {name: seat[name].gpus for name, seat in found.items()}


FREE = "ports: {api: auto}\n"
FIXED = "ports: {api: 8100}\n"
OTHERWISE = "write share: shared and a vram for each, or claim other GPUs"
MAY_BE = " of the largest may be reserved: 15% must stay free)"
TWO = "services: {xx: {served_name: a}, yy: {served_name: b}}\n"
SHARED = "gpu: {count: 1, share: shared, vram: 4g}\n"


@pytest.mark.parametrize(
    ("profiles", "remembered", "want"),
    [
        ({"aa": "ports: {api: 5000}\n"}, {}, {"aa": 5000}),
        ({"aa": "ports: {api: 5000}\n"}, {"aa": 8101}, {"aa": 5000}),
        ({"aa": FREE}, {}, {"aa": 8100}),
        ({"aa": FREE, "bb": FREE}, {}, {"aa": 8100, "bb": 8101}),
        ({"aa": FREE, "bb": FREE}, {"bb": 8100}, {"aa": 8101, "bb": 8100}),
        ({"aa": FREE, "bb": "ports: {api: 8100}\n"}, {}, {"aa": 8101, "bb": 8100}),
        ({"aa": FREE, "bb": "ports: {api: 8100}\n"}, {"aa": 8100}, {"aa": 8101, "bb": 8100}),
        ({"aa": FREE}, {"aa": 7000}, {"aa": 8100}),
        ({"aa": FREE, "bb": FREE}, {"aa": 8102, "bb": 8102}, {"aa": 8102, "bb": 8100}),
        ({"aa": FREE, "bb": FREE, "cc": FREE}, {"cc": 8101}, {"aa": 8100, "bb": 8102, "cc": 8101}),
        ({"aa": FREE, "bb": FREE + "host: twin\n"}, {}, {"aa": 8100, "bb": 9000}),
    ],
)
def test_a_declared_port_wins_then_the_remembered_one_then_the_lowest_that_is_free(
    profiles: dict[str, str], remembered: dict[str, int], want: dict[str, int]
) -> None:
    assert ports(profiles, remembered) == want


def test_a_new_profile_never_moves_an_old_one() -> None:
    old = ports({"bb": FREE, "dd": FREE})
    new = ports({"aa": FREE, "bb": FREE, "cc": FREE, "dd": FREE}, old)
    assert {name: new[name] for name in old} == old


@pytest.mark.parametrize(
    ("profiles", "remembered", "reason"),
    [
        (
            {"aa": FREE, "bb": "ports: {api: 8100}\n"},
            {"aa": 8100},
            "aa moves from 8100 to 8101, because bb asks for 8100",
        ),
        ({"aa": FREE}, {"aa": 7000}, "aa moves from 7000 to 8100, because 7000 is not in 8100-8103"),
        (
            {"aa": FREE, "bb": FREE},
            {"aa": 8102, "bb": 8102},
            "bb moves from 8102 to 8100, because 8102 belongs to aa in the lock too",
        ),
    ],
)
def test_a_port_that_moves_is_named_with_who_moves_it(
    profiles: dict[str, str], remembered: dict[str, int], reason: str
) -> None:
    files = {f"profiles/{name}.yaml": BASE + text for name, text in profiles.items()}
    before = {name: {name: Seat({"api": port})} for name, port in remembered.items()}
    made = compilation({**files, "profiles/hosts/box.yaml": HOST}, remembered=before, settings=SETTINGS)
    (move,) = made.moves
    assert move.message == reason
    assert move.severity == "warning"


@pytest.mark.parametrize(
    ("text", "remembered"), [("ports: {api: 5000}\n", 8101), (FREE, 8101), ("ports: {api: 8101}\n", 8101)]
)
def test_a_port_that_stays_or_is_requested_by_its_own_profile_is_no_move(text: str, remembered: int) -> None:
    before = {"aa": {"aa": Seat({"api": remembered})}}
    files = {"profiles/aa.yaml": BASE + text, "profiles/hosts/box.yaml": HOST}
    assert compilation(files, remembered=before, settings=SETTINGS).moves == []


def test_a_range_without_a_free_port_is_a_problem_of_the_first_that_finds_none() -> None:
    profiles = dict.fromkeys(("aa", "bb", "cc", "dd", "ee", "ff"), FREE)
    found, wrong = seats(profiles)
    assert wrong == [
        (
            "profiles/ee.yaml:3:9: ports.api: no port is left in 8100-8103"
            " (widen `ports:` in mmcompose.yaml or the host file)"
        )
    ]
    assert found["dd"]["dd"].ports == {"api": 8103}


def test_two_profiles_that_may_be_up_together_cannot_declare_one_port() -> None:
    _, wrong = seats({"aa": SHARED + "ports: {api: 5000}\n", "bb": SHARED + "ports: {api: 5000}\n"})
    assert wrong == [
        (
            "profiles/bb.yaml:4:9: ports.api: 5000 of bb is also the port of aa (profiles/aa.yaml:4:1)"
            " (the two may be up together: choose another, or write auto)"
        )
    ]


def test_two_profiles_that_can_never_be_up_together_may_share_a_port() -> None:
    card = "gpu: {count: 1, devices: [0]}\nports: {api: 5000}\n"
    assert ports({"aa": card, "bb": card}) == {"aa": 5000, "bb": 5000}


def test_two_profiles_on_two_hosts_may_share_a_port() -> None:
    assert ports({"aa": "ports: {api: 5000}\n", "bb": "ports: {api: 5000}\nhost: twin\n"}) == {"aa": 5000, "bb": 5000}


def test_the_services_of_one_profile_cannot_share_a_port() -> None:
    text = "services:\n  xx: {ports: {api: 5000}}\n  yy: {ports: {api: 5000}}\n"
    _, wrong = seats({"aa": text})
    assert wrong == [
        (
            "profiles/aa.yaml:5:16: ports.api: 5000 of yy is also the port of xx (profiles/aa.yaml:4:8)"
            " (the two may be up together: choose another, or write auto)"
        )
    ]


@pytest.mark.parametrize(
    ("profiles", "remembered", "want"),
    [
        ({"aa": ""}, {}, {"aa": (0,)}),
        ({"aa": "", "bb": "", "cc": ""}, {}, {"aa": (0,), "bb": (1,), "cc": (2,)}),
        ({"aa": "gpu: {count: 2}\n", "bb": ""}, {}, {"aa": (0, 1), "bb": (2,)}),
        ({"aa": "gpu: {count: 1, devices: [1]}\n"}, {"aa": (2,)}, {"aa": (1,)}),
        ({"aa": "", "bb": "gpu: {count: 1, devices: [0]}\n"}, {}, {"aa": (1,), "bb": (0,)}),
        ({"aa": "", "bb": ""}, {"bb": (0,)}, {"aa": (1,), "bb": (0,)}),
        ({"aa": ""}, {"aa": (7,)}, {"aa": (0,)}),
        ({"aa": "gpu: {count: 2}\n"}, {"aa": (1,)}, {"aa": (0, 1)}),
        ({"aa": "", "bb": "", "cc": "", "dd": ""}, {}, {"aa": (0,), "bb": (1,), "cc": (2,), "dd": (0,)}),
        ({"aa": "gpu: {count: 1, vram: 20g}\n"}, {}, {"aa": (2,)}),
        ({"aa": "gpu: {count: 1, vram: 20g}\n"}, {"aa": (0,)}, {"aa": (2,)}),
        (
            {"aa": SHARED, "bb": SHARED, "cc": SHARED, "dd": SHARED},
            {},
            {"aa": (0,), "bb": (1,), "cc": (2,), "dd": (0,)},
        ),
    ],
)
def test_named_gpus_win_then_the_remembered_ones_then_those_with_the_fewest_claims(
    profiles: dict[str, str], remembered: dict[str, tuple[int, ...]], want: dict[str, tuple[int, ...]]
) -> None:
    assert gpus(profiles, remembered) == want


def test_a_service_without_a_claim_gets_no_gpu() -> None:
    text = "backend: llamacpp\nmodel: qwen-small\nhost: box\n"
    made = compilation({"profiles/aa.yaml": text, "profiles/hosts/box.yaml": HOST}, settings=SETTINGS)
    assert not problems(made)
    assert made.stack is not None
    assert made.stack.seats["aa"]["aa"].gpus == ()


def test_the_services_of_one_profile_sit_on_different_gpus_while_there_are_any() -> None:
    found, wrong = seats({"aa": "services: {xx: {served_name: a}, yy: {served_name: b}, zz: {served_name: c}}\n"})
    assert not wrong
    assert [seat.gpus for seat in found["aa"].values()] == [(0,), (1,), (2,)]


def test_shared_services_of_one_profile_sit_where_there_is_least() -> None:
    text = (
        SHARED + "services: {ww: {served_name: a}, xx: {served_name: b}, yy: {served_name: c}, zz: {served_name: d}}\n"
    )
    found, wrong = seats({"aa": text})
    assert not wrong
    assert [seat.gpus for seat in found["aa"].values()] == [(0,), (1,), (2,), (0,)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "gpu: {count: 4}\n",
            "3:7: gpu.count: must be at most 3, the GPUs of box, not 4 (choose another host, or claim fewer)",
        ),
        ("gpu: {count: 1, devices: [3]}\n", "3:17: gpu.devices: box has no GPU 3 (it has 3)"),
        ("gpu: {count: 1, devices: [0, 1]}\n", "3:17: gpu.devices: must name as many GPUs as gpu.count, 1, not 2"),
        ("gpu: {count: 2, devices: [1, 1]}\n", "3:17: gpu.devices: must name as many GPUs as gpu.count, 2, not 1"),
        (
            "gpu: {count: 1, share: shared}\n",
            "3:17: gpu.vram: a shared GPU needs `gpu.vram` (write gpu.vram, such as 6g)",
        ),
        (
            "gpu: {count: 1, vram: 35g}\n",
            "3:17: gpu.vram: 35g does not fit on 1 of box's GPUs (34 GiB" + MAY_BE,
        ),
        (
            "gpu: {count: 2, vram: 9g}\n",
            "3:17: gpu.vram: 9g does not fit on 2 of box's GPUs (34 GiB" + MAY_BE,
        ),
        (
            "gpu: {count: 1, vram: 9g, devices: [1]}\n",
            "3:17: gpu.vram: 9g does not fit on GPU 1 of box (8.5 GiB" + MAY_BE,
        ),
        (
            "services:\n  xx: {gpu: {devices: [0]}}\n  yy: {gpu: {devices: [0]}}\n",
            f"5:8: gpu: xx and yy are on GPU 0, and xx claims it alone ({OTHERWISE})",
        ),
        (
            "gpu: {share: shared, vram: 5g, devices: [0]}\nservices: {xx: {served_name: a}, yy: {served_name: b}}\n",
            "3:1: gpu.vram: xx and yy reserve more of GPU 0 than the 8.5 GiB that may be reserved",
        ),
    ],
)
def test_a_claim_that_the_host_cannot_meet_is_a_problem(text: str, problem: str) -> None:
    assert seats({"aa": text})[1] == [f"profiles/aa.yaml:{problem}"]


def test_fifteen_per_cent_of_a_gpu_are_never_promised() -> None:
    half = 10 * 1024 * 85 // 100 // 2
    claim = "gpu: {{share: shared, vram: {}m, devices: [0]}}\n"
    assert seats({"aa": claim.format(half) + TWO})[1] == []
    assert len(seats({"aa": claim.format(half + 1) + TWO})[1]) == 1


def test_placing_does_not_depend_on_the_order_of_the_files() -> None:
    profiles = dict.fromkeys(("cc", "aa", "bb", "dd"), FREE + SHARED)
    backwards = dict(reversed(profiles.items()))
    assert seats(profiles) == seats(backwards)
