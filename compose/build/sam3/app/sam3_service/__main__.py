"""`python -m sam3_service`: reads the command line and serves."""

from __future__ import annotations

import sys

from service_kit.serving import serve

from .api import create_app
from .model import load
from .settings import parse


def main() -> None:
    settings = parse(sys.argv[1:])
    serve(create_app(settings, load), settings)


if __name__ == "__main__":
    main()
