"""An engine's own help text, from a container of its image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mmcompose.cli.main import main
from mmcompose.model.failure import Failure

if TYPE_CHECKING:
    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker


def test_the_flags_of_a_real_llama_server_are_learned_from_its_image(docker: Engine, llama_image: str) -> None:
    arguments = ["engines", "learn", "--engine", "llamacpp", "--image", llama_image, "b11669"]
    answer = CliRunner().invoke(main, arguments, env=dict(docker.environment()), standalone_mode=False)
    assert answer.exception is None, answer.output
    assert "llama.cpp b11669: " in answer.output
    assert "+ " in answer.output or "0 differ" in answer.output


def test_an_image_that_is_not_there_is_reported(docker: Engine) -> None:
    arguments = ["engines", "learn", "--engine", "vllm", "--image", "nobody.invalid/has:this", "0.34.0"]
    answer = CliRunner().invoke(main, arguments, env=dict(docker.environment()), standalone_mode=False)
    assert isinstance(answer.exception, Failure)
    assert answer.exception.message.startswith("nobody.invalid/has:this gave no help text: ")
    assert answer.exception.code == 4
