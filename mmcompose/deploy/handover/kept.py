"""Checks whether Compose will keep a container whose values are right: Compose also checks the network and the
image."""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import Running

_ALWAYS_THERE = ("", "default", "bridge", "host", "none")


def stays_as_it_is(engine: DockerEngine, running: Sequence[Running]) -> bool:
    """Whether its network exists, and its image's name still means the image that it runs."""
    wanted = {one.network_mode for one in running if one.network_mode not in _ALWAYS_THERE}
    wanted = {name for name in wanted if not name.startswith("container:")}
    if wanted and not wanted <= set(engine.networks({})):
        return False
    images = {one.image: one.image_id for one in running}
    return all((engine.image(name) or {"Id": known})["Id"] == known for name, known in images.items())
