"""A synthetic project of N profiles on one eight-GPU host: half vLLM, half llama.cpp, ten lines each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
name: synthetic
bind: 127.0.0.1
ports: 20000-29999
host: gpu-8x
"""

VLLM = """\
description: Synthetic profile {number} on vLLM
model: glm-ocr
args:
  max_num_seqs: {seats}
  max_num_batched_tokens: 8192
gpu: {{count: 1, share: exclusive}}
ports: {{api: auto}}
why:
  args.max_num_seqs: keeps multimodal latency steady in profile {number}
  args.max_num_batched_tokens: a lower budget failed large images in the encoder cache
"""

LLAMACPP = """\
description: Synthetic profile {number} on llama.cpp
model: {gguf}
args:
  ctx_size: 8192
  parallel: {seats}
gpu: {{count: 1, share: exclusive}}
ports: {{api: auto}}
why:
  args.ctx_size: long documents of profile {number} need it
  args.parallel: one slot per worker of the caller
"""


def profile(number: int, gguf: str, seats: int = 4) -> str:
    return (VLLM if number % 2 else LLAMACPP).format(number=number, gguf=gguf, seats=seats)


def path_of(folder: Path, number: int) -> Path:
    return folder / "profiles" / f"synthetic-{number:04d}.yaml"


def write(folder: Path, count: int, gguf: str) -> None:
    (folder / "profiles").mkdir(parents=True)
    (folder / "mmcompose.yaml").write_text(PROJECT, encoding="utf-8")
    for number in range(count):
        path_of(folder, number).write_text(profile(number, gguf), encoding="utf-8")
