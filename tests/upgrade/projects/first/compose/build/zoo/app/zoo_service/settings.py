"""The command line: every setting, its default and its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .flags import LOG_LEVELS, OneLineParser, name, whole

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
    add("--host", type=name, default=d.host, help="(default %(default)s)")
    add("--port", type=whole(0, 65_535), default=d.port, help="(default %(default)s)")
    add("--log-level", choices=LOG_LEVELS, default=d.log_level, help="(default %(default)s)")
    return Settings(**vars(parser.parse_args(list(arguments))))
