"""A port that moves because of another profile never moves without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    folder = project(tmp_path, {"aa": CHAT, "bb": CHAT})
    assert mmcompose(folder, "render").code == 0
    return folder


def test_a_port_that_another_profile_takes_is_named_by_every_command_that_looks(rendered: Path) -> None:
    project(rendered, {"zed": CHAT.replace("auto", "8100")})
    move = "warning: ports.api: aa moves from 8100 to 8102, because zed asks for 8100"
    assert move in mmcompose(rendered, "up", "aa").err
    assert move in mmcompose(rendered, "render", "--check").err
    answer = mmcompose(rendered, "render")
    assert move in answer.err
    assert answer.code == 0
    assert "  sits at port 8102 of cpu\n" in mmcompose(rendered, "explain", "aa", "ports.api").out
    assert mmcompose(rendered, "render", "--check") == (0, "", "up to date\n")
