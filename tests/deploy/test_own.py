"""What a bringing-up made itself, by what Compose says on the way."""

from __future__ import annotations

from typing import Any

import pytest

from mmcompose.deploy.docker.observe import Running, read
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.start.own import Watched

BEGIN = Event("phase", "chat", phase="create")
THROUGH = Event("reached", "chat", phase="create", seconds=0.1)


def container(identity: str, name: str = "mm-chat", status: str = "running") -> Running:
    answer: dict[str, Any] = {"Id": identity, "Name": f"/{name}", "State": {"Status": status}}
    return read(answer)


def own(
    printed: list[str], now: list[Running], before: list[Running], *, through: bool = True
) -> tuple[list[str], ...]:
    watched = Watched(before)
    lines = [Event("line", "chat", text=line) for line in printed]
    for event in [BEGIN, *lines, *([THROUGH] if through else [])]:
        watched.hear(event)
    found = watched.own(now)
    return [one.id for one in found.made], [one.id for one in found.started]


MADE = {
    "by itself": [" Container mm-chat  Creating", " Container mm-chat  Created", " Container mm-chat  Started"],
    "a stopped one made anew": [" Container mm-chat  Recreate", " Container mm-chat  Recreated"],
    "in words that are new": ["mm-chat is here now"],
    "without spaces before it": ["Container mm-chat Created"],
}
NOT = {
    "there already": [" Container mm-chat  Running"],
    "made by another at the same time": [
        " Container mm-chat  Creating",
        (
            " Container mm-chat  Error response from daemon: Conflict. The container name "
            '"/mm-chat" is already in use by container "0123".'
        ),
        " Container mm-chat  Starting",
    ],
}


@pytest.mark.parametrize("printed", MADE.values(), ids=MADE)
def test_what_compose_made_for_us_is_ours(printed: list[str]) -> None:
    assert own(printed, [container("new")], []) == (["new"], [])


@pytest.mark.parametrize("printed", NOT.values(), ids=NOT)
def test_what_another_made_is_not(printed: list[str]) -> None:
    assert own(printed, [container("new")], []) == ([], [])


def test_nothing_is_ours_before_we_created_anything() -> None:
    watched = Watched([])
    watched.hear(Event("plan", "chat", lines=("start  chat",)))
    assert watched.own([container("new")]) == ((), ())


def test_what_was_up_is_not_ours_and_what_was_stopped_was_only_started() -> None:
    up, stopped = container("up"), container("old", "mm-chat-two", "exited")
    printed = [" Container mm-chat  Running", " Container mm-chat-two  Started"]
    assert own(printed, [up, container("old", "mm-chat-two")], [up, stopped]) == ([], ["old"])
    assert own(printed, [up, stopped], [up, stopped]) == ([], [])


def test_where_compose_was_broken_off_its_unreported_containers_are_ours_too() -> None:
    now = [container("one"), container("two", "mm-chat-two")]
    assert own([" Container mm-chat  Running"], now, [], through=False) == (["two"], [])
    assert own([" Container mm-chat  Running"], now, []) == ([], [])


def test_the_network_is_ours_where_compose_made_it_or_was_broken_off() -> None:
    made = Event("line", "chat", text=" Network mm-chat  Creating")
    found = []
    for events in ([], [BEGIN], [BEGIN, THROUGH], [BEGIN, made, THROUGH]):
        watched = Watched([])
        for event in events:
            watched.hear(event)
        found.append((watched.network, watched.broken_off))
    assert found == [(False, False), (True, True), (False, False), (True, False)]
