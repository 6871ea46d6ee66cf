"""Gets the help text of the engine inside an image: runs the image once, without a network."""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.deploy.docker.command import ask
from mmcompose.deploy.docker.engine import DockerEngine, EngineError

PATIENCE = 180
_ALONE = ("--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL")  # noqa: S108 - its own


def help_text(engine: DockerEngine, image: str, arguments: Sequence[str]) -> str:
    """Runs `arguments` in a container of `image`; engines print help on either stream, with any exit code."""
    command = engine.docker_command("run", *_ALONE, "--entrypoint", arguments[0], image, *arguments[1:])
    answer = ask(*command, patience=PATIENCE)
    text = max(answer.out, answer.err, key=len)
    if answer.code is None or answer.code >= 125 or not text.strip():
        raise EngineError(f"{image} gave no help text: {answer.complaint}", answer.code or 1)
    return text
