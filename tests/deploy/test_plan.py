"""Who must go so that a profile can come up: plans as text, from what runs and what is written."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.docker.observe import Deployment, deployments
from mmcompose.deploy.handover.plan import Plan, lines, plan, refusal
from mmcompose.deploy.wanted import wanted_profile
from tests.deploy.containers import container
from tests.making import compilation

if TYPE_CHECKING:
    from mmcompose.model import Stack

ALONE = "model: glm-ocr\nports: {api: 8000}\ngpu: {count: 1, devices: [%s], share: exclusive}\nhost: two\n"
SHARED = "model: qwen-small\ngpu: {count: 1, devices: [0], share: shared, vram: %s}\nhost: two\n"
CPU = "model: qwen-small\nhost: box\nresources: {memory: %s}\n"
FILES = {
    "profiles/hosts/two.yaml": """\
        machine:
          accelerator: nvidia
          gpus: [{name: A, vram: 12g}, {name: B, vram: 12g, uuid: GPU-b}]
          memory: 94g
          cores: 8
          uid: 1000
          gid: 1000
        """,
    "profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000}\n",
    "profiles/ocr.yaml": ALONE % 0,
    "profiles/pages.yaml": ALONE % 0,
    "profiles/second.yaml": (ALONE % 1).replace("8000", "8001"),
    "profiles/chat.yaml": SHARED % "4g",
    "profiles/talk.yaml": SHARED % "5g",
    "profiles/much.yaml": SHARED % "9g",
    "profiles/heavy.yaml": CPU % "10g",
    "profiles/light.yaml": CPU % "2g",
}


@pytest.fixture(scope="module")
def stack() -> Stack:
    made = compilation(FILES)
    assert made.stack is not None
    assert not [problem for problem in made.problems if problem.severity == "error"], made.problems
    return made.stack


def up(profile: str, gpus: str = "", share: str = "exclusive", **facts: Any) -> Deployment:
    name = f"{facts.get('project', 'mm')}-{profile}"
    held = tuple(gpu for gpu in gpus.split(",") if gpu)
    printed = {
        "profile": profile,
        "service": profile,
        "name": name,
        "gpus": held,
        "share": share if held else "",
        "ports": {},
    }
    return deployments([container(**{**printed, **facts})])[0]


def wanted(stack: Stack, name: str, *found: Deployment) -> Plan:
    return plan(wanted_profile(stack, name), stack, found)


def test_the_plan_says_who_stops_and_why_and_what_starts(stack: Stack) -> None:
    made = wanted(stack, "pages", up("ocr", "0", ports={8000: ("127.0.0.1", 8000)}))
    assert (
        lines(made)
        == dedent("""\
        stop   ocr: it owns GPU 0; it publishes port 8000
                 mm-ocr (running since 2026-11-20 05:52:19, started by mmcompose)
        start  pages on GPU 0
                 mm-pages (vllm/vllm-openai:v0.24.0)""").splitlines()
    )
    assert refusal(made, "mmcompose switch pages") == dedent("""\
        ocr is in the way of pages; nothing was done. The plan would be:
          stop   ocr: it owns GPU 0; it publishes port 8000
                   mm-ocr (running since 2026-11-20 05:52:19, started by mmcompose)
          start  pages on GPU 0
                   mm-pages (vllm/vllm-openai:v0.24.0)
        `mmcompose switch pages` carries it out, and brings ocr back if it fails""")


@pytest.mark.parametrize(
    ("name", "found", "reasons"),
    [
        ("ocr", up("second", "GPU-b"), ["it owns GPU 0"]),
        ("second", up("ocr", "0"), ["it owns GPU GPU-b"]),
        ("ocr", up("chat", "0", "shared"), ["ocr needs GPU 0 alone"]),
        ("chat", up("talk", "0", "shared"), []),
        ("talk", up("much", "0", "shared"), ["together 14 GiB of GPU 0, of which 10.2 GiB may be reserved"]),
        ("ocr", up("ocr", "0"), []),
        ("ocr", up("pages", "0", status="exited"), []),
        ("ocr", up("pages", "0", status="restarting"), ["it owns GPU 0"]),
        ("ocr", up("theirs", "0", project="other"), ["it owns GPU 0"]),
        ("chat", up("theirs", "0", "shared", project="other"), []),
        ("ocr", up("pages", "1"), []),
        ("ocr", up("pages", ports={8000: ("", 8000)}), ["it publishes port 8000"]),
        ("heavy", up("light"), []),
        ("light", up("ocr", "0"), []),
        ("ocr", up("gone-from-the-files", "0"), ["it owns GPU 0"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_in_the_way(stack: Stack, name: str, found: Deployment, reasons: list[str]) -> None:
    """A number and a UUID cannot be told apart from labels alone, so they count as one card."""
    assert [reason for stop in wanted(stack, name, found).stops for reason in stop.reasons] == reasons


THREE_OF_4 = [up("chat", "0", "shared"), up("theirs", "0", "shared", project="other", vram=4 << 30)]


@pytest.mark.parametrize(
    ("found", "stopped"),
    [
        ([up("theirs", "0", "shared", project="other", vram=5 << 30)], {}),
        (
            [up("theirs", "0", "shared", project="other", vram=6 << 30)],
            {"theirs": "together 11 GiB of GPU 0, of which 10.2 GiB may be reserved"},
        ),
        (THREE_OF_4, {"chat": "together 13 GiB of GPU 0, of which 10.2 GiB may be reserved"}),
        (
            [up("small", "0", "shared", vram=1 << 30), up("large", "0", "shared", vram=8 << 30)],
            {"large": "together 14 GiB of GPU 0, of which 10.2 GiB may be reserved"},
        ),
        ([up("elsewhere", "1", "shared", project="other", vram=11 << 30)], {}),
        ([up("much", "0", "shared", vram=1 << 30)], {}),
    ],
    ids=["they fit", "too much for two", "pairs fit and three do not", "the fewest leave", "another card", "label"],
)
def test_what_shared_gpus_were_promised_is_summed_over_all_that_runs(
    stack: Stack, found: list[Deployment], stopped: dict[str, str]
) -> None:
    """Also over other projects, and by the labels: `much` was started with less than its file says now."""
    made = wanted(stack, "talk", *found)
    assert {stop.name: "; ".join(stop.reasons) for stop in made.stops} == stopped


@pytest.mark.parametrize(
    ("size", "others", "stopped"),
    [
        ("12g", {"heavy": 10, "light": 2}, {"heavy": "together 24 GiB of memory, box has 16g"}),
        ("5g", {"heavy": 10, "light": 2}, {"light": "together 17 GiB of memory, box has 16g"}),
        ("5g", {"heavy": 10}, {}),
        ("80%", {"heavy": 10, "light": 2}, {}),
        ("8g", {"nobody-knows": 9}, {"nobody-knows": "together 17 GiB of memory, box has 16g"}),
    ],
    ids=["two", "each pair would fit", "they fit", "a part of the host", "without a file"],
)
def test_the_memory_of_the_machine_is_summed_over_all_that_runs(
    size: str, others: dict[str, int], stopped: dict[str, str]
) -> None:
    """By the labels: what runs may be of another project, or have lost its file."""
    made = compilation({**FILES, "profiles/new.yaml": CPU % size})
    assert made.stack is not None
    for project in ("mm", "other"):
        found = [up(name, project=project, memory=gib << 30) for name, gib in others.items()]
        plan = wanted(made.stack, "new", *found)
        assert {stop.name: "; ".join(stop.reasons) for stop in plan.stops} == stopped


def test_what_is_up_has_its_memory_already(stack: Stack) -> None:
    made = wanted(stack, "heavy", up("heavy", memory=10 << 30), up("light", memory=9 << 30))
    assert (made.up, made.stops) == (True, ())


def test_a_container_that_another_compose_project_made_is_replaced(stack: Stack) -> None:
    made = wanted(stack, "ocr", up("ocr", "0", compose_project="mm-ocr"))
    assert made.up
    assert lines(made)[0] == "remove mm-ocr: it was started by docker compose, as project mm-ocr"


def test_a_profile_of_another_project_is_called_by_both_names(stack: Stack) -> None:
    made = wanted(stack, "ocr", up("theirs", "0", project="other", compose_project="other"))
    assert lines(made)[0] == "stop   other/theirs: it owns GPU 0"


def test_a_plan_that_changes_nothing_says_keep(stack: Stack) -> None:
    made = wanted(stack, "ocr", up("ocr", "0"))
    assert (made.free, lines(made)[0]) == (True, "keep   ocr on GPU 0")
