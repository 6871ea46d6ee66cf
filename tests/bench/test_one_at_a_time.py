"""Two measurements of one engine would measure each other: the second is refused, and the first is named."""

from __future__ import annotations

from typing import Any

import pytest

from mmcompose.bench.measuring import NotUpError, refuse_a_second


class Engine:
    def __init__(self, status: str) -> None:
        labels = {"mmcompose.profile": "chat", "mmcompose.role": "bench", "mmcompose.bench": "load"}
        state = {"Status": status, "StartedAt": "2026-11-20T05:52:19.123Z"}
        self.found = [{"Id": "b", "Name": "/mmcompose-bench-8f213211", "Config": {"Labels": labels}, "State": state}]

    def containers(self, _: Any) -> list[dict[str, Any]]:
        return self.found


def test_a_second_benchmark_is_refused_and_the_first_named() -> None:
    with pytest.raises(NotUpError) as busy:
        refuse_a_second(Engine("running"), "mm", "chat")  # type: ignore[arg-type]
    said = str(busy.value)
    assert said.startswith("chat is being measured already (load) by mmcompose-bench-8f213211, since 2026-11-")
    assert said.endswith("docker stop mmcompose-bench-8f213211")


def test_one_that_has_ended_is_in_nobodys_way() -> None:
    refuse_a_second(Engine("exited"), "mm", "chat")  # type: ignore[arg-type]
