"""A stand-in that runs: closed or busy while it loads, then its engine's endpoints; or its engine's death."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import signed
from tests.standin.image.standin.failures import FAILURES, last_words
from tests.standin.image.standin.line import UsageError
from tests.standin.project import ROOT
from tests.standin.test_lines import REFUSED, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STARTS = {
    "vllm": "serve org/m --served-model-name m --port {port}",
    "sglang": "--model-path org/m --served-model-name m --port {port} --enable-metrics",
    "llamacpp": "--hf-repo org/m --alias m --port {port} --metrics",
    "ik_llama": "--hf-repo org/m --alias m --port {port} --metrics",
    "trtllm": "org/m --port {port}",
}
VERSIONS = {"ik_llama": "8337e4cd3861", "trtllm": "1.0.0", "llamacpp": "b9603", "sglang": "v0.5.15.post1"}
METRICS = {
    "vllm": ("vllm:num_requests_running", "vllm:kv_cache_usage_perc", "vllm:generation_tokens_total"),
    "sglang": ("sglang:num_running_reqs", "sglang:generation_tokens_total"),
    "llamacpp": ("llamacpp:requests_processing", "llamacpp:tokens_predicted_total"),
    "ik_llama": ("llamacpp:requests_processing", "llamacpp:tokens_predicted_total"),
}
OPENS_EARLY = ("llamacpp", "ik_llama")
HELLO = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 3}


@contextmanager
def started(engine: str, arguments: str, home: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "STANDIN_VERSION": VERSIONS.get(engine, "v0.24.0"),
        "TORCHINDUCTOR_CACHE_DIR": str(home / "inductor"),
    }
    env |= {f"STANDIN_{name.upper()}": value for name, value in variables.items()}
    program = f"from tests.standin.image.standin.main import main; main({engine!r})"
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments.split()], env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=300)


def ask(port: int, path: str, body: Any = None) -> tuple[int, str]:
    """Status and text; 0 when nobody listens."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data, timeout=20) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return 0, ""


def until(port: int, path: str, *wanted: int) -> list[int]:
    """Every status seen until one of the wanted ones."""
    seen, deadline = [-1], time.monotonic() + 300
    while seen[-1] not in wanted and time.monotonic() < deadline:
        status, _ = ask(port, path)
        seen += [status] if status != seen[-1] else []
        time.sleep(0.01)
    return seen[1:]


@pytest.mark.parametrize("engine", STARTS)
def test_it_serves_what_its_engine_serves(engine: str, tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    with started(engine, STARTS[engine].format(port=port), tmp_path):
        while_loading = until(port, "/health", 200)
        assert while_loading[-1] == 200
        assert 503 in while_loading if engine in OPENS_EARLY else while_loading[0] == 0
        name = "org/m" if engine == "trtllm" else "m"
        assert [model["id"] for model in json.loads(ask(port, "/v1/models")[1])["data"]] == [name]
        status, text = ask(port, "/v1/chat/completions", {**HELLO, "model": name})
        assert (status, json.loads(text)["usage"]["completion_tokens"]) == (200, 3)
        assert json.loads(text)["choices"][0]["finish_reason"] == "length"
        for metric in METRICS.get(engine, ()):
            assert f"{metric}{{" in ask(port, "/metrics")[1]


def test_a_stream_ends_with_its_usage(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    with started("vllm", STARTS["vllm"].format(port=port), tmp_path, load_seconds="0"):
        until(port, "/health", 200)
        wish = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}
        status, text = ask(port, "/v1/chat/completions", wish)
        events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
        content = [event["choices"][0]["delta"].get("content", "") for event in events if event["choices"]]
        assert (status, "".join(content).split()) == (200, ["I", "am", "a"])
        assert events[-1]["usage"]["completion_tokens"] == 3
        assert text.rstrip().endswith("data: [DONE]")
        assert len({event["id"] for event in events}) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [({"model": "other", **HELLO}, 404), ({"messages": []}, 400), ([], 400), ({**HELLO, "max_tokens": 0}, 200)],
    ids=["another model", "no messages", "no object", "no limit"],
)
def test_a_bad_request_is_refused(body: Any, status: int, tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    with started("vllm", STARTS["vllm"].format(port=port), tmp_path, load_seconds="0"):
        until(port, "/health", 200)
        assert ask(port, "/v1/chat/completions", body)[0] == status


def test_a_key_is_required_where_the_line_sets_one(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    with started("vllm", STARTS["vllm"].format(port=port) + " --api-key secret", tmp_path, load_seconds="0"):
        until(port, "/health", 200)
        assert ask(port, "/v1/chat/completions", HELLO)[0] == 401


def test_one_that_never_gets_healthy_stays_busy(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    with started("llamacpp", STARTS["llamacpp"].format(port=port), tmp_path, load_seconds="0", fail="never-healthy"):
        assert until(port, "/health", 503)[-1] == 503
        assert ask(port, "/v1/chat/completions", HELLO)[0] == 503


def test_a_cache_that_it_may_not_write_ends_it(tmp_path: Path, free_port: Callable[[], int]) -> None:
    (tmp_path / ".cache").write_text("a file where a folder should be")
    with started("vllm", STARTS["vllm"].format(port=free_port()), tmp_path) as process:
        _, content = process.communicate(timeout=300)
    assert process.returncode == 1
    assert f"{tmp_path}/.cache" in content


def test_weights_that_are_no_gguf_end_it(tmp_path: Path, free_port: Callable[[], int]) -> None:
    (tmp_path / "m.gguf").write_text("no model")
    with started("llamacpp", f"--model {tmp_path}/m.gguf --port {free_port()}", tmp_path) as process:
        _, content = process.communicate(timeout=300)
    assert (process.returncode, "invalid magic characters" in content) == (1, True)


CAUSES = {
    "out-of-memory": "gpu-memory",
    "kv-cache": "kv-cache",
    "gated": "gated-model",
    "model-not-found": "model-not-found",
    "no-network": "no-network",
    "driver": "driver-too-old",
    "no-gpu": "no-gpu-inside",
}


@pytest.mark.parametrize(("failure", "engine"), [(name, engine) for name in CAUSES for engine in FAILURES[name]])
def test_mmcompose_recognises_why_it_died(failure: str, engine: str) -> None:
    log, _ = last_words(failure, engine, "org/m") or ("", 0)
    cause = signed(Evidence("ocr", log=tuple(log.splitlines())))
    assert cause is not None
    assert cause.name == CAUSES[failure]


@pytest.mark.parametrize(("engine", "version", "arguments"), [row[:3] for row in REFUSED])
def test_mmcompose_recognises_a_refused_line(engine: str, version: str, arguments: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(engine, version, arguments)
    cause = signed(Evidence("ocr", log=tuple(refused.value.words.splitlines())))
    assert cause is not None
    assert cause.name in ("unknown-flag", "bad-value", "missing-flag")
