"""Messages that no row knows are explained by the settings that they name, or by the part of the engine that failed."""

from __future__ import annotations

import pytest

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.named import settings
from mmcompose.deploy.causes.recognise import Cause, recognise, stuck
from tests.deploy.containers import container


@pytest.mark.parametrize(
    ("message", "keys"),
    [
        ("`max_num_seqs` must not exceed max_num_batched_tokens (12)", ["max_num_seqs", "max_num_batched_tokens"]),
        ("--enable-lora goes without speculative-config", ["enable_lora", "speculative_config"]),
        ("moe_backend='teal' is not known", ["moe_backend"]),
        ("in /models/max_model_len/x and plover_seqs", []),
        ("a model of that dtype", []),
    ],
)
def test_a_setting_is_known_by_its_name_in_the_engines_or_in_their_code(message: str, keys: list[str]) -> None:
    assert settings(message) == keys


def explained(engine: str, place: str, error: str) -> Cause:
    log = ("Traceback (most recent call last):", f'  File "/usr/lib/{place}", line 7, in load', "    plover()", error)
    dead = container(status="exited", exit_code=1, backend=engine, image="registry.example/engine:v1")
    return recognise(Evidence(profile="chat", container=dead, log=log))


@pytest.mark.parametrize(
    ("engine", "place", "error", "cause", "advice"),
    [
        (
            "vllm",
            "vllm/config/x.py",
            "ValueError: teal_mode cannot go with max_loras=4",
            "bad-combination",
            "max_loras",
        ),
        ("vllm", "vllm/config/x.py", "ValueError: too teal. Please set --max-loras", "bad-combination", "do so: "),
        ("vllm", "vllm/x.py", "ValueError: no teal with VLLM_USE_V1=1", "bad-combination", "env.VLLM_USE_V1=VALUE"),
        ("vllm", "vllm/lora/x.py", "KeyError: 'teal'", "lora", "args.enable_lora=null"),
        ("vllm", "vllm/v1/spec_decode/x.py", "AssertionError", "speculative", "args.speculative_config=null"),
        ("sglang", "sglang/srt/layers/moe/x.py", "IndexError: teal", "moe-kernels", "args.moe_runner_backend"),
        ("sglang", "sglang/srt/models/x.py", "KeyError: 'teal.w'", "model-code", "--backend-version"),
        ("vllm", "torch/x.py", "triton.runtime.errors.TealError: plover", "kernel-compiler", "--backend-version"),
        ("vllm", "x.py", "requests.exceptions.TealError: no https://hub.example", "hub-download", "weights.path"),
        ("vllm", "x.py", "safetensors_rust.SafetensorError: teal", "model-broken", "fetch the model again"),
        ("sglang", "x.py", "zmq.error.ZMQError: teal", "address-inside", "explain chat listen"),
        ("sglang", "x.py", "RuntimeError: CUDA error: too much teal", "kernel-fault", "doctor chat"),
        ("vllm", "torch/x.py", "ValueError: teal is no plover", "engine-refuses", "explain chat args"),
    ],
)
def test_an_unknown_error_is_explained_by_what_it_names_or_by_its_place(
    engine: str, place: str, error: str, cause: str, advice: str
) -> None:
    found = explained(engine, place, error)
    assert (found.name, advice in found.next, found.final) == (cause, True, False), found


def test_a_request_to_the_engine_itself_is_not_one_to_the_hub() -> None:
    error = "requests.exceptions.TealError: HTTPConnectionPool(host='127.0.0.1', port=30000): plover"
    assert explained("sglang", "x.py", error).name != "hub-download"


def test_a_server_that_runs_on_after_an_error_without_a_row_of_its_own_gets_time_to_recover() -> None:
    """As after an error that nothing explains: it is given up only where the error stays the last one."""
    log = ("[2026-11-20 09:07:54.123][1][serving][error][teal.cpp:7] Pulling the plover: curl error 92 in a stream",)
    alive = container(status="running", exit_code=0, backend="ovms", image="registry.example/engine:v1")
    found = stuck(Evidence(profile="chat", container=alive, log=log))
    assert found is not None
    assert (found.name, found.final) == ("pull-incomplete", False)
