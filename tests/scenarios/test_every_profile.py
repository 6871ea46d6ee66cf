"""Every shipped profile comes up through plain Docker Compose, by its own file and by `--profile` at the root."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.ready import picture
from tests.scenarios.stage import needs_gpus
from tests.scenarios.visit import ENTRIES, Seen, Visit, visit
from tests.standin.project import ROOT, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _pytest.mark.structures import ParameterSet

    from tests.scenarios.stage import Entry, Stage
    from tests.standin.project import Shipped

pytestmark = pytest.mark.docker

PROFILES = sorted(path.stem for path in (ROOT / "profiles").glob("*.yaml") if path.stem != "defaults")
HEAVY: dict[Entry, set[str]] = {
    "alone": {"ocr", "ocr-deepseek", "workbench-llama", "workbench-vllm"},
    "root": set(PROFILES) - {"chat-cpu", "order-accuracy"},
}
"""Not started so in `make test`: another profile of the same engine is, and that both ways in mean the same is asked of
Compose for each in test_real_compose."""

AT_ONCE = 6
"""A start is mostly waiting for Docker's first health check, which comes after five seconds."""


@pytest.fixture(scope="module")
def visits(
    request: pytest.FixtureRequest, shipped: Shipped, stage_for: Callable[[Shipped, str], Stage]
) -> Iterator[dict[str, Future[Visit]]]:
    """The visits of all profiles that this run asks about, some at once."""
    items = [item for item in request.session.items if item.path == request.path]
    requested = [item.callspec.params for item in items if hasattr(item, "callspec")]
    wanted = {params.get("profile") for params in requested}
    both = {params["profile"] for params in requested if params.get("start") == "root"}

    def one(name: str) -> Visit:
        # Where simulated GPUs cannot be had, this skips the profiles that need them, and no others.
        return visit(stage_for(shipped, name), name, ENTRIES if name in both else ENTRIES[:1])

    with ThreadPoolExecutor(AT_ONCE) as workers:
        yield {name: workers.submit(one, name) for name in PROFILES if name in wanted}


@pytest.fixture
def seen(visits: dict[str, Future[Visit]], profile: str) -> Visit:
    made = visits[profile].result()
    assert not made.fault, made.fault
    return made


@pytest.fixture
def start(request: pytest.FixtureRequest, seen: Visit) -> Seen:
    return seen.starts[request.param]


def started(entry: Entry) -> list[ParameterSet]:
    """Every profile through this entry."""
    return [pytest.param(entry, name, marks=[pytest.mark.heavy] if name in HEAVY[entry] else []) for name in PROFILES]


each_start = pytest.mark.parametrize(
    ("start", "profile"), [one for entry in ENTRIES for one in started(entry)], indirect=["start"]
)
each_root = pytest.mark.parametrize(("start", "profile"), started("root"), indirect=["start"])


def test_the_profiles_are_the_shipped_ones(shipped: Shipped) -> None:
    """Only the project's name differs between what is started here and what is committed."""
    for profile in PROFILES:
        assert shipped.text(profile).replace(shipped.name, "mm") == (ROOT / f"compose/{profile}.yaml").read_text()


@each_start
def test_it_gets_healthy(start: Seen) -> None:
    assert start.engine["State"]["Health"]["Status"] == "healthy"
    assert start.engine["RestartCount"] == 0


@each_start
def test_it_answers_its_first_request(start: Seen, profile: str) -> None:
    if profile == "sam3":
        assert start.answer["found"] == 1
        return
    if profile == "vision-zoo":
        assert not start.answer, "no model is there until one is asked for"
        return
    text = start.answer["choices"][0]["message"]["content"]
    assert text == picture.TEXT if profile == "ocr-cpu" else text
    assert start.answer["usage"]["completion_tokens"] > 0
    assert start.stream.rstrip().endswith("data: [DONE]")


@each_start
def test_its_models_are_listed_by_the_name_of_the_profile(start: Seen, profile: str, shipped: Shipped) -> None:
    service = shipped.compilation().profiles[profile].services[profile]
    if profile not in ("sam3", "vision-zoo"):
        assert service.served_name
        assert service.served_name in start.models


@each_start
def test_it_runs_as_it_was_rendered(start: Seen, profile: str, shipped: Shipped) -> None:
    rendered = shipped.document(profile)["services"][profile]
    host = start.engine["HostConfig"]
    assert start.engine["Config"]["User"] == rendered["user"]
    assert host["ReadonlyRootfs"] is rendered["read_only"] is True
    assert host["CapDrop"] == rendered["cap_drop"] == ["ALL"]
    assert not host["CapAdd"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] == bytes_of(rendered["deploy"]["resources"]["limits"]["memory"])
    assert host["PidsLimit"] == rendered["deploy"]["resources"]["limits"]["pids"]
    assert host["RestartPolicy"]["Name"] == rendered["restart"]
    assert start.engine["Config"]["Cmd"] == rendered["command"]
    assert start.engine["Config"]["Entrypoint"] == rendered["entrypoint"]


@each_start
def test_its_user_writes_to_the_caches_and_nowhere_else(start: Seen, profile: str, shipped: Shipped) -> None:
    caches = shipped.compilation().profiles[profile].services[profile].caches.values()
    assert start.inside[0] == "user 1000:1000"
    assert start.inside[1].split() == ["CapEff:", "0" * 16]
    assert start.inside[2:] == [f"wrote {folder}" for folder in (*caches, "/tmp")]


@each_start
def test_fresh_volumes_were_given_to_its_user_first(start: Seen, profile: str, shipped: Shipped) -> None:
    if not shipped.compilation().profiles[profile].services[profile].caches:
        assert not start.own
        return
    assert start.own["State"]["Status"] == "exited"
    assert start.own["State"]["ExitCode"] == 0
    assert start.own["HostConfig"]["NetworkMode"] == "none"
    assert start.own["State"]["FinishedAt"] <= start.engine["State"]["StartedAt"]


@each_root
def test_the_other_entry_point_fails_at_the_name_and_harms_nothing(
    start: Seen, seen: Visit, profile: str, shipped: Shipped
) -> None:
    assert f'The container name "/{shipped.name}-{profile}' in seen.refusal
    assert "is already in use" in seen.refusal
    assert seen.still == "healthy"


@each_start
def test_down_leaves_no_container(start: Seen, seen: Visit) -> None:
    assert not seen.left


@each_root
def test_both_entry_points_make_the_same_service(start: Seen, seen: Visit) -> None:
    label = "com.docker.compose.config-hash"
    assert start.engine["Config"]["Labels"][label] == seen.starts["alone"].engine["Config"]["Labels"][label]


@each_start
def test_the_gpus_are_those_that_the_host_file_gave(start: Seen, profile: str, shipped: Shipped) -> None:
    labels = start.engine["Config"]["Labels"]
    if not needs_gpus(shipped.document(profile)):
        assert not start.gpus
        return
    assert start.gpus["devices"] == labels["mmcompose.gpus"]


@each_start
def test_no_secret_is_to_be_read_from_outside(start: Seen) -> None:
    assert TOKEN not in repr(start.engine)


def bytes_of(size: Any) -> int:
    return int(size[:-1]) * {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}[size[-1]]
