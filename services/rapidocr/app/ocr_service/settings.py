"""The command line: every setting, its default and its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_kit.flags import OneLineParser, listening, name, share, whole
from service_kit.uploads import body_limit

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Settings:
    workers: int = 2
    threads: int = 1
    max_image_bytes: int = 20 << 20
    max_pixels: int = 40_000_000
    max_images: int = 16
    max_waiting: int = 128
    max_side: int = 2000
    text_score: float = 0.5
    served_model_name: str = "pp-ocrv6-small"
    host: str = "0.0.0.0"  # noqa: S104  # inside a container; the compose file decides what is published
    port: int = 8000
    log_level: str = "info"

    @property
    def max_body_bytes(self) -> int:
        return body_limit(self.max_image_bytes)


def parse(arguments: Sequence[str]) -> Settings:
    parser = OneLineParser("ocr_service", __doc__)
    d = Settings()
    add = parser.add_argument
    add("--workers", type=whole(1, 256), default=d.workers, help="pages read at the same time (default %(default)s)")
    add("--threads", type=whole(1, 256), default=d.threads, help="threads of each worker (default %(default)s)")
    add("--max-image-bytes", type=whole(1, 1 << 30), default=d.max_image_bytes,
        help="largest image; all images of one request share it (default %(default)s)")  # fmt: skip
    add("--max-pixels", type=whole(1, 1 << 30), default=d.max_pixels, help="width x height (default %(default)s)")
    add("--max-images", type=whole(1, 1000), default=d.max_images, help="in one request (default %(default)s)")
    add("--max-waiting", type=whole(0, 100_000), default=d.max_waiting,
        help="requests in line before new ones are refused (default %(default)s)")  # fmt: skip
    add("--max-side", type=whole(320, 20_000), default=d.max_side,
        help="longer sides are scaled down to this before reading (default %(default)s)")  # fmt: skip
    add("--text-score", type=share, default=d.text_score, help="surer texts only (default %(default)s)")
    add("--served-model-name", type=name, default=d.served_model_name, help="(default %(default)s)")
    listening(parser, d.host, d.port, d.log_level)
    return Settings(**vars(parser.parse_args(list(arguments))))
