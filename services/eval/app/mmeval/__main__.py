"""`python -m mmeval KIND --base-url URL --data FOLDER --out FOLDER`"""

import sys

from benchmarks.mmbench.cli import main

from . import kinds

if __name__ == "__main__":
    sys.exit(main(kinds=kinds.KINDS))
