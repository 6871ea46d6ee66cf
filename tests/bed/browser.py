"""A real Chromium for the pages: this machine's own, else Debian's, in a container that reaches no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed import images
from tests.bed.recipes import RECIPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bed.engine import Engine

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--virtual-time-budget=4000",
)  # fmt: skip
PATIENCE = 300
INSIDE = Path("/page")


@dataclass(frozen=True)
class Browser:
    """``command`` is what goes before the arguments to look at a folder; ``inside`` is where it sees that folder."""

    command: Callable[[Path], list[str]]
    inside: Path | None = None

    def dom(self, page: Path, *options: str) -> str:
        """The document after its scripts have run."""
        return self._run(page, "--dump-dom", *options)

    def shot(self, page: Path, picture: Path, *options: str) -> None:
        """A picture, in the page's folder."""
        self._run(page, f"--screenshot={self._seen(page.parent) / picture.name}", *options)

    def _seen(self, folder: Path) -> Path:
        return self.inside or folder

    def _run(self, page: Path, *options: str) -> str:
        address = f"file://{self._seen(page.parent) / page.name}"
        command = [*self.command(page.parent), *QUIET, *options, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def local() -> Browser | None:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        return None

    def command(_: Path) -> list[str]:
        home = tempfile.mkdtemp(prefix="mmcompose-chromium-")
        return ["env", f"HOME={home}", f"XDG_RUNTIME_DIR={home}", found, f"--user-data-dir={home}"]

    return Browser(command)


def in_a_container(engine: Engine) -> Browser:
    images.ensure(engine, ["browser"])

    def command(folder: Path) -> list[str]:
        whose = ("--user", f"{os.getuid()}:{os.getgid()}", "--env", "HOME=/tmp", "--env", "XDG_RUNTIME_DIR=/tmp")
        arguments = ("run", "--rm", "--init", "--network", "none", *whose, "--volume", f"{folder}:{INSIDE}")
        return [
            str(term) for term in engine.command(*arguments, RECIPES["browser"].tag, "--user-data-dir=/tmp/chromium")
        ]

    return Browser(command, INSIDE)
