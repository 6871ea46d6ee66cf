"""The clients under test: the command with which each sends the same load, and the place of each figure in its
report."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROMPT_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Cell:
    """One load: numbers of streams, requests and tokens; with an image or without."""

    concurrency: int
    waves: int
    tokens: int
    image: Path | None = None

    @property
    def name(self) -> str:
        return f"{'image' if self.image else 'text'} c={self.concurrency}"

    @property
    def requests(self) -> int:
        return self.concurrency * self.waves

    def ideal(self, ttft_ms: float, itl_ms: float) -> float:
        return self.concurrency / ((ttft_ms + itl_ms * (self.tokens - 1)) / 1e3)


@dataclass(frozen=True, slots=True)
class Report:
    """Times in ms; null if the client does not report it."""

    ttft_p50: float | None
    ttft_p99: float | None
    itl_p50: float | None


@dataclass(frozen=True, slots=True)
class Contestant:
    name: str
    command: Callable[[Cell, str, Path], list[str]]
    read: Callable[[Path], Report]
    missing: Callable[[], str | None]
    environment: Callable[[Path], dict[str, str]] = field(default=lambda _: {})


def ours(cell: Cell, url: str, work: Path) -> list[str]:
    kind = "ocr-sweep" if cell.image else "load"
    command = [sys.executable, "-m", "mmbench", kind, "--base-url", url, "--run-dir", str(work), "--workers", "1"]
    command += ["--concurrency", str(cell.concurrency), "--requests", str(cell.requests - cell.concurrency)]
    command += ["--no-metrics", "--progress", "none"]
    if cell.image:
        return [*command, "--image", str(cell.image), "--max-tokens", str(cell.tokens)]
    return [*command, "--input-tokens", str(PROMPT_LENGTH), "--output-tokens", str(cell.tokens)]


def read_ours(work: Path) -> Report:
    point = json.loads((work / "result.json").read_text())["points"][0]
    return Report(point["ttft_ms"]["p50"], point["ttft_ms"]["p99"], point["itl_ms"]["p50"])


def mini(library: str) -> Callable[[Cell, str, Path], list[str]]:
    def command(cell: Cell, url: str, _: Path) -> list[str]:
        line = [sys.executable, "-m", "benchmarks.client.mini_client", library, "--url", url]
        line += ["-c", str(cell.concurrency), "-n", str(cell.requests), "--tokens", str(cell.tokens)]
        return line + (["--image", str(cell.image)] if cell.image else [])

    return command


def read_mini(work: Path) -> Report:
    result = json.loads((work / "stdout").read_text())
    return Report(result["ttft_ms"]["p50"], result["ttft_ms"]["p99"], result["itl_ms"]["p50"])


def aiperf(cell: Cell, url: str, work: Path) -> list[str]:
    line = [program("aiperf"), "profile", "-m", "truth", "--endpoint-type", "chat", "--streaming", "--url", url]
    line += ["--concurrency", str(cell.concurrency), "--request-count", str(cell.requests), "--osl", str(cell.tokens)]
    line += ["--tokenizer", "local/words", "--ui", "none", "--no-gpu-telemetry", "--no-server-metrics"]
    line += ["--output-artifact-dir", str(work)]
    if cell.image is None:
        return [*line, "--isl", str(PROMPT_LENGTH)]
    rows(work, 1, {"text": "word " * PROMPT_LENGTH, "image": str(cell.image), "output_length": cell.tokens})
    return [*line, "--input-file", str(work / "in.jsonl"), "--custom-dataset-type", "single_turn"]


def read_aiperf(work: Path) -> Report:
    result = json.loads((work / "profile_export_aiperf.json").read_text())
    first, gap = result["time_to_first_token"], result.get("inter_chunk_latency") or {}
    return Report(first["p50"], first["p99"], gap.get("p50"))


def vllm(cell: Cell, url: str, work: Path) -> list[str]:
    line = [program("vllm"), "bench", "serve", "--backend", "openai-chat", "--base-url", url]
    line += ["--endpoint", "/v1/chat/completions", "--model", "truth", "--tokenizer", str(tokenizer(work, "vllm"))]
    line += ["--num-prompts", str(cell.requests), "--max-concurrency", str(cell.concurrency), "--request-rate", "inf"]
    line += ["--save-result", "--result-dir", str(work), "--result-filename", "r.json"]
    line += ["--percentile-metrics", "ttft,tpot,itl", "--metric-percentiles", "50,99"]
    if cell.image is None:
        random = ["--random-input-len", str(PROMPT_LENGTH), "--random-output-len", str(cell.tokens)]
        return [*line, "--dataset-name", "random", *random]
    row = {"prompt": "word " * PROMPT_LENGTH, "image_files": [str(cell.image)], "output_tokens": cell.tokens}
    rows(work, cell.requests, row)
    line += ["--dataset-name", "custom_image", "--dataset-path", str(work / "in.jsonl"), "--skip-chat-template"]
    return [*line, "--custom-output-len", str(cell.tokens), "--custom-ensure-client-side-data"]


def read_vllm(work: Path) -> Report:
    result = json.loads((work / "r.json").read_text())
    return Report(result["median_ttft_ms"], result["p99_ttft_ms"], result["median_itl_ms"])


def guidellm(cell: Cell, url: str, work: Path) -> list[str]:
    target = f"kind=openai_http,target={url},model=truth,request_format=/v1/chat/completions"
    tokenizer_option = f"kind=huggingface_auto,model={tokenizer(work, 'guidellm')}"
    line = [program("guidellm"), "run", "--backend", target, "--tokenizer", tokenizer_option]
    line += ["--profile", f"kind=concurrent,streams={cell.concurrency}", "--disable-console"]
    line += [
        "--constraint",
        f"kind=max_requests,count={cell.requests}",
        "--output",
        f"kind=json,path={work / 'r.json'}",
    ]
    if cell.image is None:
        return [*line, "--data", f"kind=synthetic_text,prompt_tokens={PROMPT_LENGTH},output_tokens={cell.tokens}"]
    row = {"prompt": "word " * PROMPT_LENGTH, "image": str(cell.image), "output_tokens_count": cell.tokens}
    rows(work, cell.requests, row)
    columns = {"image_column": "image", "text_column": "prompt", "output_tokens_count_column": "output_tokens_count"}
    mapper = {"kind": "generative_column_mapper", "column_mappings": columns}
    return [*line, "--data", f"kind=json_file,path={work / 'in.jsonl'}", "--data-column-mapper", json.dumps(mapper)]


def read_guidellm(work: Path) -> Report:
    first = json.loads((work / "r.json").read_text())["benchmarks"][0]["metrics"]["time_to_first_token_ms"][
        "successful"
    ]
    return Report(first["median"], first["percentiles"]["p99"], None)


def rows(work: Path, count: int, row: dict[str, Any]) -> None:
    (work / "in.jsonl").write_text((json.dumps(row) + "\n") * count)


def program(name: str) -> str:
    return os.environ.get(name.upper()) or shutil.which(name) or name


def absent(name: str) -> Callable[[], str | None]:
    def check() -> str | None:
        found = shutil.which(program(name))
        return None if found else f"not installed (put it on PATH, or its path in ${name.upper()})"

    return check


def without(module: str) -> Callable[[], str | None]:
    return lambda: None if importlib.util.find_spec(module) else "not installed"


def tokenizer(work: Path, name: str) -> Path:
    """A word-level tokenizer, made by the rival's own Python, so that nothing is downloaded."""
    place = work / "tokenizer"
    if not place.exists():
        python = Path(shutil.which(program(name)) or name).resolve().parent / "python"
        subprocess.run([str(python), str(HERE / "small_tokenizer.py"), str(place)], check=True)
    return place


def aiperf_environment(work: Path) -> dict[str, str]:
    """aiperf refuses a local folder when offline; it takes the same files laid out as a hub cache."""
    commit = "0" * 40
    home = work / "hub"
    model = home / "hub" / "models--local--words"
    if not model.exists():
        place = tokenizer(work, "aiperf")
        (model / "refs").mkdir(parents=True)
        (model / "refs" / "main").write_text(commit)
        shutil.copytree(place, model / "snapshots" / commit)
    return {"HF_HOME": str(home), **offline(work)}


def offline(_: Path) -> dict[str, str]:
    return {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


CONTESTANTS = (
    Contestant("mmbench", ours, read_ours, lambda: None),
    Contestant("aiohttp+uvloop", mini("aiohttp"), read_mini, without("aiohttp")),
    Contestant("httpx+uvloop", mini("httpx"), read_mini, without("httpx")),
    Contestant("aiperf", aiperf, read_aiperf, absent("aiperf"), aiperf_environment),
    Contestant("vllm bench", vllm, read_vllm, absent("vllm"), offline),
    Contestant("guidellm", guidellm, read_guidellm, absent("guidellm"), offline),
)
