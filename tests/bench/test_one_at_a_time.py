"""Two measurements of one server would measure each other: the second is refused, and the first is named."""

from __future__ import annotations

from typing import Any

import pytest

from mmcompose.bench.run.one_at_a_time import (
    labels,
    place,
    refuse_beside_address,
    refuse_beside_profile,
)
from mmcompose.model.failure import Failure
from mmcompose.model.labels import ADDRESS
from mmcompose.model.labels import BENCH as KIND

BENCH = "mmcompose-bench-8f213211"


class Engine:
    """An engine with a profile at port 8001, and one benchmark."""

    def __init__(self, status: str = "running", **bench: str) -> None:
        labelled = {"mmcompose.project": "mm", "mmcompose.profile": "chat"}
        ports = {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8001"}]}
        self.found = [
            self.container("c", "mm-chat", "running", labelled) | {"NetworkSettings": {"Ports": ports}},
            self.container("b", BENCH, status, bench),
        ]

    @staticmethod
    def container(known: str, name: str, status: str, labelled: dict[str, str]) -> dict[str, Any]:
        state = {"Status": status, "StartedAt": "2026-11-20T05:52:19.123Z"}
        return {"Id": known, "Name": f"/{name}", "Config": {"Labels": labelled}, "State": state}

    def containers(self, wanted: dict[str, str | None]) -> list[dict[str, Any]]:
        def fits(one: dict[str, Any]) -> bool:
            carried = one["Config"]["Labels"]
            return all(name in carried and value in (None, carried[name]) for name, value in wanted.items())

        return [one for one in self.found if fits(one)]


def of_profile(status: str = "running") -> Any:
    who = {"mmcompose.project": "mm", "mmcompose.profile": "chat", "mmcompose.role": "bench"}
    return Engine(status, **who, **{KIND: "load"})


def of_address(url: str, status: str = "running") -> Any:
    return Engine(status, **{ADDRESS: place(url), KIND: "load"})


def test_a_second_benchmark_of_a_profile_is_refused_and_the_first_named() -> None:
    with pytest.raises(Failure) as busy:
        refuse_beside_profile(of_profile(), "mm", "chat")
    printed = str(busy.value)
    assert printed.startswith(f"chat is being measured already (load) by {BENCH}, since 2026-11-")
    assert printed.endswith(f"docker stop {BENCH}")


@pytest.mark.parametrize("url", ["http://box:8000", "http://box:8000/v1", "box:8000", "HTTP://BOX.:8000/"])
def test_a_second_benchmark_of_an_address_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(Failure, match=BENCH):
        refuse_beside_address(of_address("http://box:8000"), url)


def test_a_profile_and_the_address_at_which_it_is_published_are_one_server() -> None:
    with pytest.raises(Failure, match=BENCH):
        refuse_beside_address(of_profile(), "http://localhost:8001/v1")
    with pytest.raises(Failure, match=BENCH):
        refuse_beside_profile(of_address("http://[::1]:8001"), "mm", "chat")


@pytest.mark.parametrize("url", ["http://box:8001", "https://box", "http://box", "http://10.0.0.1:8000"])
def test_another_server_may_be_measured_meanwhile(url: str) -> None:
    refuse_beside_address(of_address("http://box:8000"), url)
    refuse_beside_address(of_profile(), url)
    refuse_beside_profile(of_address(url), "mm", "chat")


def test_one_that_has_ended_is_in_nobodys_way() -> None:
    refuse_beside_profile(of_profile("exited"), "mm", "chat")
    refuse_beside_address(of_address("http://box", "exited"), "http://box")


def test_the_container_says_what_it_measures() -> None:
    assert labels("http://box/v1", "load") == ("--label", "mmcompose.address=box:80", "--label", "mmcompose.bench=load")
