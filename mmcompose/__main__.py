"""The entry point: `mmcompose`, and `python -m mmcompose`."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    """The command line; an interrupt while it is still being loaded is no fault either."""
    gc.disable()  # loading makes no garbage, and looking for it takes a tenth of the time
    try:
        from mmcompose.cli.main import run as run_commands
    except KeyboardInterrupt:
        sys.exit(130)
    gc.enable()
    run_commands()


if __name__ == "__main__":
    run()
