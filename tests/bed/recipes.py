"""What the bed's images are made of: packages, a few shell lines, and Dockerfile instructions."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bed import pins


@dataclass(frozen=True)
class Recipe:
    """An image from Debian packages, under a name of the bed's. ``upstream`` is the public image that it stands for
    where that cannot be pulled: a Dockerfile that starts from it is built on this one."""

    tag: str
    suite: str
    packages: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()
    upstream: str = ""

    def digest(self) -> str:
        """The same as in releases before, so that what they made stays good."""
        printed = asdict(self)
        printed["stands_for_upstream"] = bool(printed.pop("upstream"))
        return hashlib.sha256(repr(sorted(printed.items())).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Built:
    """An image of one of the project's own Dockerfiles, under a name of the bed's."""

    tag: str
    context: Path
    base: str


PROJECT = Path(__file__).parents[2]
LLAMA = "mmcompose-bed/llama.cpp:server"

RECIPES: dict[str, Recipe] = {
    "base": Recipe(
        "mmcompose-bed/debian:bookworm-slim",
        pins.HOST_SUITE,
        instructions=('CMD ["bash"]',),
        upstream="debian:bookworm-slim",
    ),
    "python": Recipe(
        "mmcompose-bed/python:3.11-slim-bookworm",
        pins.HOST_SUITE,
        ("python3", "python3-pip", "python3-venv"),
        (
            # The public image has its own Python under /usr/local, where pip may install.
            "rm -f /usr/lib/python3*/EXTERNALLY-MANAGED",
            "for name in python3 pip pip3; do ln -s /usr/bin/$name /usr/local/bin/$name; done",
            "ln -s /usr/bin/python3 /usr/local/bin/python",
            "mkdir -p /usr/local/lib/python3.11/dist-packages",
            "ln -s dist-packages /usr/local/lib/python3.11/site-packages",
        ),
        ("ENV LANG=C.UTF-8", 'CMD ["python3"]'),
        upstream="python:3.11-slim-bookworm",
    ),
    "browser": Recipe(
        "mmcompose-bed/chromium:bookworm",
        pins.HOST_SUITE,
        ("chromium", "fonts-dejavu-core"),
        instructions=('ENTRYPOINT ["chromium"]',),
    ),
    "llama": Recipe(
        LLAMA,
        pins.LATE_SUITE,
        ("curl", f"llama.cpp-tools={pins.LLAMA_VERSION}"),
        ("mkdir -p /app", "ln -s /usr/bin/llama-server /app/llama-server"),
        # As in the project's own image: listens everywhere, on 8080, and knows its health.
        (
            "WORKDIR /app",
            "ENV LLAMA_ARG_HOST=0.0.0.0",
            "ENV LLAMA_ARG_PORT=8080",
            'HEALTHCHECK CMD ["curl", "-f", "http://localhost:8080/health"]',
            'ENTRYPOINT ["/app/llama-server"]',
        ),
    ),
}

BUILT: dict[str, Built] = {
    "ocr": Built("mmcompose-bed/rapidocr:templates", PROJECT / "compose/build/rapidocr", base="python"),
}
