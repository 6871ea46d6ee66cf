"""Records a container's history since the wait for it began: restarts, the last exit code, the most memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mmcompose.deploy.docker import memory
from mmcompose.deploy.docker.observe import Running

ENDED = ("exited", "dead")


@dataclass
class Deaths:
    """The history. `before` are the restarts from before the wait: only later ones count."""

    before: Mapping[str, int] = field(default_factory=dict)
    code: int | None = None
    """The exit code of its last observed end; Docker does not report it while a container runs."""
    killed: bool = False
    """Whether the kernel ended it for lack of memory; Docker forgets that when it runs again."""
    peak: int = 0
    restarts: int = 0
    looked_up: int = 0
    """The number of restarts at which Docker was asked about its end."""
    _id: str = ""
    _baseline: int = 0

    def see(self, container: Running | None) -> None:
        if container is None:
            return
        if container.id != self._id:
            self._id, self._baseline = container.id, self.before.get(container.id, 0)
            self.code, self.killed, self.looked_up = None, False, 0
        # Whoever starts a container by hand makes Docker count anew.
        self._baseline = min(self._baseline, container.restarts)
        self.restarts = container.restarts - self._baseline
        if container.status in ("restarting", *ENDED):
            self.code = container.exit_code
        self.killed = self.killed or container.oom_killed
        self.peak = max(self.peak, memory.peak(container))
