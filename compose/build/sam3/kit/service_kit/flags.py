"""Command lines with one-line errors and checked ranges, and without abbreviations."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

LOG_LEVELS = ("debug", "info", "warning", "error")


class OneLineParser(argparse.ArgumentParser):
    """Prints an error as one line and ends with status 2."""

    def __init__(self, program: str, description: str | None) -> None:
        super().__init__(program, description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {self._with_hint(message)}\n")

    def _with_hint(self, message: str) -> str:
        unknown = re.search(r"unrecognized arguments: (--[^\s=]+)", message)
        if not unknown:
            return message
        close = difflib.get_close_matches(unknown[1], self._option_string_actions, 1)
        return f"unknown flag {unknown[1]}" + (f" (did you mean {close[0]}?)" if close else "; --help lists them")


def listening(parser: OneLineParser, host: str, port: int, log_level: str) -> None:
    """The options that every service has."""
    parser.add_argument("--host", type=name, default=host, help="(default %(default)s)")
    parser.add_argument("--port", type=whole(0, 65_535), default=port, help="(default %(default)s)")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default=log_level, help="(default %(default)s)")


def whole(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"expected a whole number from {low} to {high}, not {text!r}")
        return value

    return number


def share(text: str) -> float:
    value = float(text) if re.fullmatch(r"[0-9]*\.?[0-9]+", text) else -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, not {text!r}")
    return value


def name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError("expected a name of printable characters")
    return text
