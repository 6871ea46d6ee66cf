"""Files that are as long as their heads promise."""

from __future__ import annotations

import json
import random
import struct


def safetensors(count: int, seed: int = 1) -> bytes:
    """One tensor of so many bytes."""
    head = json.dumps({"t": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}}).encode()
    return struct.pack("<Q", len(head)) + head + random.Random(seed).randbytes(count)


def gguf(count: int, seed: int = 1) -> bytes:
    """No tensor, no key, and some bytes."""
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + random.Random(seed).randbytes(count)


SMALL = {"config.json": b'{"model_type": "llama"}', "tokenizer/vocab.json": b"{}", "README.md": b"# A model\n"}
MODEL = {**SMALL, "model.safetensors": safetensors(300_000)}
SHARDS = {
    **SMALL,
    "model.safetensors.index.json": json.dumps({
        "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    }).encode(),
    "model-00001-of-00002.safetensors": safetensors(200_000, 2),
    "model-00002-of-00002.safetensors": safetensors(200_000, 3),
}  # fmt: skip
