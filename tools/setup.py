"""`make setup` starts here: finds a Python that is new enough, then lets tools/environment.py do the work.

The syntax of this file stays old on purpose, so that an old Python can say that it is too old.
"""

import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def hand_over_to_a_newer_python() -> None:
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and subprocess.call([found, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found] + sys.argv)
    sys.exit(
        "setup: Python 3.11 or newer is needed, and this is %d.%d; " % sys.version_info[:2]
        + "install one, or name it: make setup PYTHON=/path/to/python3"
    )


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        hand_over_to_a_newer_python()
    sys.path[0] = ROOT
    from tools.environment import main

    sys.exit(main())
