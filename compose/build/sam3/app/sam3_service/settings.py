"""The command line: every setting, its default and its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_kit.flags import OneLineParser, listening, name, share, whole
from service_kit.uploads import body_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

PRECISIONS = ("bf16", "fp16", "fp32")


@dataclass(frozen=True)
class Settings:
    checkpoint: str | None = None
    hf_token_file: str | None = None
    revision: str = "main"
    precision: str = "bf16"
    threshold: float = 0.5
    max_masks: int = 100
    max_boxes: int = 32
    max_image_bytes: int = 20 << 20
    max_pixels: int = 16_000_000
    max_waiting: int = 32
    host: str = "0.0.0.0"  # noqa: S104  # inside a container; the compose file decides what is published
    port: int = 8095
    log_level: str = "info"

    @property
    def max_body_bytes(self) -> int:
        return body_limit(self.max_image_bytes)


def parse(arguments: Sequence[str]) -> Settings:
    parser = OneLineParser("sam3_service", __doc__)
    d = Settings()
    add = parser.add_argument
    add("--checkpoint", type=name, default=d.checkpoint,
        help="sam3.pt on disk; without it the file is fetched from the gated repository facebook/sam3")  # fmt: skip
    add("--hf-token-file", type=name, default=d.hf_token_file, help="holds the token of an approved account")
    add("--revision", type=name, default=d.revision, help="of facebook/sam3 (default %(default)s)")
    add("--precision", choices=PRECISIONS, default=d.precision, help="(default %(default)s)")
    add("--threshold", type=share, default=d.threshold, help="least score of a mask (default %(default)s)")
    add("--max-masks", type=whole(1, 1000), default=d.max_masks, help="in one answer (default %(default)s)")
    add("--max-boxes", type=whole(1, 1000), default=d.max_boxes, help="in one prompt (default %(default)s)")
    add("--max-image-bytes", type=whole(1, 1 << 30), default=d.max_image_bytes, help="(default %(default)s)")
    add("--max-pixels", type=whole(1, 1 << 30), default=d.max_pixels, help="width x height (default %(default)s)")
    add("--max-waiting", type=whole(0, 100_000), default=d.max_waiting,
        help="requests in line before new ones are refused (default %(default)s)")  # fmt: skip
    listening(parser, d.host, d.port, d.log_level)
    return Settings(**vars(parser.parse_args(list(arguments))))
