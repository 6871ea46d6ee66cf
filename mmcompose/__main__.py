"""The entry point: `mmcompose`, and `python -m mmcompose`."""

from __future__ import annotations

import gc
import sys

from mmcompose.deploy.interruption import deafen, listen


def run() -> None:
    """The command line; an interrupt while it is still being loaded is no fault either."""
    try:
        listen()
        gc.disable()  # loading makes no garbage, and looking for it takes a tenth of the time
        from mmcompose.cli.main import run as run_commands

        gc.enable()
        run_commands()
    except KeyboardInterrupt:
        deafen()
        from mmcompose.cli.printing import last

        sys.exit(last.interrupted())


if __name__ == "__main__":
    run()
