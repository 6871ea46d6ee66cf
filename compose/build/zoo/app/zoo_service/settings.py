"""The command line: every setting, its default and its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_kit.flags import OneLineParser, listening, name, whole

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Settings:
    models: str = "/config/models.json"
    load_timeout: int = 3600
    host: str = "0.0.0.0"  # noqa: S104  # inside a container; the compose file decides what is published
    port: int = 8096
    log_level: str = "info"


def parse(arguments: Sequence[str]) -> Settings:
    parser = OneLineParser("zoo_service", __doc__)
    d = Settings()
    add = parser.add_argument
    add("--models", type=name, default=d.models, help="the models by name, as JSON (default %(default)s)")
    add("--load-timeout", type=whole(1, 86_400), default=d.load_timeout,
        help="seconds that one load may take, a download included (default %(default)s)")  # fmt: skip
    listening(parser, d.host, d.port, d.log_level)
    return Settings(**vars(parser.parse_args(list(arguments))))
