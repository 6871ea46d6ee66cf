"""`python3 -m mmfetch VERB …`: the exit code says what kind of failure it was."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from mmfetch import options, verbs
from mmfetch.failures import Failure, of_system
from mmfetch.report import Report


def main(arguments: list[str] | None = None) -> int:
    """Runs one verb; every failure is one message."""
    report = Report(events="--events" in (sys.argv if arguments is None else arguments))
    try:
        given = options.parser().parse_args(arguments)
        verbs.RUN[given.verb](given, report)
    except BrokenPipeError:
        return 1
    except (Failure, OSError) as error:
        failure = error if isinstance(error, Failure) else of_system(error, str(error.filename or "the store"))
        report.failure(failure.code, failure.message, failure.hint)
        return failure.code
    return 0


def _stop(number: int, _frame: FrameType | None) -> None:
    """Ends at once: what has arrived lies in its part, and the kernel frees the locks."""
    sys.stderr.write("mmfetch: stopped; what has arrived is kept\n")
    sys.stderr.flush()
    os._exit(128 + number)


if __name__ == "__main__":
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _stop)
    sys.exit(main())
