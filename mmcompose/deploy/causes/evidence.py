"""The known facts about a failed start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mmcompose.deploy.docker.observe import Running


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts. `refusal` is Docker's answer to one of our commands."""

    profile: str
    service: str = ""
    host: str = ""
    image: str = ""
    refusal: str = ""
    container: Running | None = None
    restarts: int = 0
    log: tuple[str, ...] = ()
    last_answer: str = ""
    waited: float = 0.0
    port_holders: Mapping[int, str] = field(default_factory=dict)
    exit_code: int | None = None
    """The exit code of the failed run, even if the container runs again."""
    killed: bool = False
    """Whether the kernel killed it for lack of memory, in any run since the wait for it began."""
    memory_limit: int | None = None
    """Bytes; without it, the container's own."""
    memory_peak: int | None = None

    @property
    def limit(self) -> int:
        return self.memory_limit or (self.container.memory_limit if self.container else 0)

    @property
    def release(self) -> str:
        """The release in the image's tag."""
        image = self.container.image if self.container and self.container.image else self.image
        return image.rpartition("/")[2].partition("@")[0].partition(":")[2]
