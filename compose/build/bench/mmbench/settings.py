"""All settings of a run, typed; and the checks that argparse cannot do."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from .prompts import sampling
from .slo import parse_slo
from .target import Target

LONGEST_KEY = 8192
"""Characters; servers accept no longer header."""


class SettingsError(ValueError):
    """Reports an option that makes no sense."""


@dataclass(slots=True)
class Settings:
    """A kind's own class adds what it alone can be given."""

    LOWEST: ClassVar[Mapping[str, float]] = {"timeout": 0.001, "max_error_share": 0, "seed": 0}
    """The least that a number may be."""
    RESULT: ClassVar[str] = ""
    """The kind of its results, where several kinds have results of one kind."""

    kind: str
    base_url: str
    model: str | None = None
    api: str = "chat"
    api_key_file: str | None = None
    ca_file: str | None = None
    out: str | None = None
    run_dir: str | None = None
    context: str | None = None
    label: str | None = None
    seed: int = 1
    timeout: float = 300.0
    wait: float = 0.0
    progress: str = "auto"
    max_error_share: float = 0.0
    extra_body: str = "{}"
    temperature: float = 0.0
    workers: str = "auto"
    metrics: bool = True
    slo: str = ""
    command: list[str] = field(default_factory=list)

    @property
    def result(self) -> str:
        return self.RESULT or self.kind

    def target(self) -> Target:
        key = None
        if self.api_key_file:
            try:
                with Path(self.api_key_file).open(encoding="utf-8") as file:
                    key = file.read(LONGEST_KEY + 1).strip()
            except (OSError, ValueError) as error:
                raise SettingsError(f"--api-key-file {self.api_key_file}: {error}") from None
            if (
                not key
                or len(key) > LONGEST_KEY
                or any(ord(character) <= 32 or ord(character) > 126 for character in key)
            ):
                raise SettingsError(f"--api-key-file {self.api_key_file}: expected one key of printable characters")
        return Target.parse(self.base_url, key, self.ca_file)

    def options(self, max_tokens: int, ignore_eos: bool = False) -> dict[str, object]:
        return sampling(self.api, max_tokens, ignore_eos, self.temperature, self.extra())

    def extra(self) -> dict[str, object]:
        try:
            extra = json.loads(self.extra_body)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"--extra-body: not JSON ({error})") from None
        if not isinstance(extra, dict):
            raise SettingsError("--extra-body: expected a JSON object")
        return extra

    def environment(self) -> dict[str, Any]:
        """Facts that the host knows and this process cannot see; they are in the result from the first second."""
        if not self.context:
            return {}
        try:
            data = json.loads(Path(self.context).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise SettingsError(f"--context {self.context}: {error}") from None
        if not isinstance(data, dict):
            raise SettingsError(f"--context {self.context}: expected a JSON object")
        return data

    def check(self) -> None:
        """Checks everything that can be known before the first request."""
        self.target().tls()
        self.extra()
        parse_slo(self.slo)
        if self.workers != "auto":
            whole(self.workers, "--workers", 256)
        for name, low in self.LOWEST.items():
            value = getattr(self, name)
            if value is not None and not (low <= value and math.isfinite(value)):
                raise SettingsError(f"--{name.replace('_', '-')} {value}: must be at least {low}")
        if not self.out and not self.run_dir:
            raise SettingsError("give --out FOLDER (a new run folder is made inside) or --run-dir FOLDER")


def listed(text: str, option: str) -> list[str]:
    parts = [each.strip() for each in text.split(",") if each.strip()]
    if not parts:
        raise SettingsError(f"{option}: expected numbers separated by commas")
    return parts


def whole(text: str, option: str, limit: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= limit:
        raise SettingsError(f"{option} {text!r}: expected a whole number from 1 to {limit}")
    return int(text)


def positive(text: str, option: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text.strip()) or float(text) <= 0:
        raise SettingsError(f"{option} {text!r}: expected a number above 0")
    return float(text)
