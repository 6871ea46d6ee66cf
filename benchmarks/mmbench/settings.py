"""Everything a run can be told, typed; and the checks that argparse cannot do."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .prompts import sampling
from .slo import parse_slo
from .target import Target

MAX_CONCURRENCY = 65536
QUESTION = "when was this receipt issued? Answer this question using the text in the image directly."
TRANSCRIBE = "Read all the text in this image. Answer with the text only, line by line."
CONCURRENCY = "16"
LONGEST_KEY = 8192
"""Characters; servers accept no longer header."""
RECEIPTS = Path(__file__).resolve().parent.parent / "receipts"


class SettingsError(ValueError):
    """An option that makes no sense, in words."""


@dataclass(slots=True)
class Settings:
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
    concurrency: str | None = None
    requests: int | None = None
    seconds: float | None = None
    warm_up: float = 1.0
    ramp_up: float = 0.0
    rate: str | None = None
    ramp: str | None = None
    burstiness: float = 1.0
    max_in_flight: int = 0
    search: str | None = None
    search_limit: int = 512
    input_tokens: int = 32
    output_tokens: int = 64
    ignore_eos: str = "auto"
    slo: str = ""
    unique_prefix: bool = True
    prompts: str = "random"
    image: str = ""
    truth: str | None = None
    with_image: str | None = None
    budget: float = 15.0
    fields: str | None = None
    min_similarity: float = 0.9
    min_exact: float = 0.9
    prompt: str | None = None
    max_tokens: int = 1024
    command: list[str] = field(default_factory=list)

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

    def levels(self) -> list[int]:
        given = CONCURRENCY if self.concurrency is None else self.concurrency
        return [whole(each, "--concurrency", MAX_CONCURRENCY) for each in listed(given, "--concurrency")]

    def rates(self) -> list[float]:
        return [positive(each, "--rate") for each in listed(self.rate or "", "--rate")]

    def ramp_rates(self) -> tuple[float, float]:
        first, colon, last = (self.ramp or "").partition(":")
        if not colon:
            raise SettingsError(f"--ramp {self.ramp!r}: write FROM:TO in requests per second, as in 1:16")
        return positive(first, "--ramp"), positive(last, "--ramp")

    def environment(self) -> dict[str, Any]:
        """What the host side knows and this process cannot see; merged into the result from the first second."""
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
        """Everything that can be known before the first request."""
        self.target().tls()
        self.extra()
        self.levels()
        parse_slo(self.slo)
        if self.rate is not None:
            self.rates()
        if self.ramp is not None:
            self.ramp_rates()
        chosen = [name for name in ("rate", "ramp", "search") if getattr(self, name) is not None]
        if len(chosen) > 1:
            raise SettingsError(f"--{chosen[0]} and --{chosen[1]} are two load models; choose one")
        if self.workers != "auto":
            whole(self.workers, "--workers", 256)
        for name, low in LOWEST.items():
            value = getattr(self, name)
            if value is not None and not (low <= value and math.isfinite(value)):
                raise SettingsError(f"--{name.replace('_', '-')} {value}: must be at least {low}")
        if not self.out and not self.run_dir:
            raise SettingsError("give --out FOLDER (a new run folder is made inside) or --run-dir FOLDER")


LOWEST = {
    "timeout": 0.001,
    "requests": 1,
    "seconds": 0.001,
    "warm_up": 0,
    "ramp_up": 0,
    "burstiness": 0.001,
    "max_in_flight": 0,
    "search_limit": 1,
    "input_tokens": 1,
    "output_tokens": 1,
    "max_tokens": 1,
    "budget": 1,
    "max_error_share": 0,
    "seed": 0,
}


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
