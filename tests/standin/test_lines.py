"""A stand-in takes what its engine takes at that release, and refuses the rest in the engine's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mmcompose.engines.flags.history import at
from mmcompose.engines.known import histories
from tests.standin.image.standin import services
from tests.standin.image.standin.engines import ENGINES
from tests.standin.image.standin.line import UsageError
from tests.standin.project import ROOT

if TYPE_CHECKING:
    from tests.standin.image.standin.line import Line

TAKEN = [
    ("vllm", "v0.24.0", "serve m --max-num-seqs 16 --no-enable-prefix-caching --kv-cache-dtype fp8"),
    ("vllm", "v0.24.0", "serve m --max_model_len 8k --limit-mm-per-prompt.image 1"),
    ("vllm", "v0.24.0", "serve m --max-num-se 4"),  # argparse takes a clear beginning of a name
    ("vllm", "0.9.2", "serve m --limit-mm-per-prompt image=1"),
    ("vllm", "0.16.0", "serve m --disable-log-requests"),
    ("sglang", "v0.5.15.post1", "--model-path m --tp-size 8 --enable-metrics --context-length 65536"),
    ("llamacpp", "b9603", "--hf-repo a/b -c 8192 --n_gpu_layers 999 --metrics"),
    ("ik_llama", "8337e4cd3861406fc04e0854b1409cd1b027fbc9", "--model m --mlock --run-time-repack"),
    ("trtllm", "1.0.0", "serve m --host 0.0.0.0 --tp_size 8"),
    ("trtllm", "1.0.0", "m --max_seq_len=65536"),
    ("ovms", "2025.4.1", "--config_path /config/config.json --rest_port 8000 --port=9000 --metrics_enable"),
    ("ovms", "2025.4.1", "--source_model m --task text_generation --cache_size 4"),
]

REFUSED = [
    ("vllm", "v0.24.0", "serve m --max-num-batch-tokens 1", 2, "unrecognized arguments: --max-num-batch-tokens 1"),
    ("vllm", "v0.24.0", "serve m --disable-log-requests", 2, "unrecognized arguments: --disable-log-requests"),
    ("vllm", "v0.24.0", "serve m --max-num-seqs lots", 2, "argument --max-num-seqs: invalid int value: 'lots'"),
    ("vllm", "v0.24.0", "serve m --kv-cache-dtype fp9", 2, "invalid choice: 'fp9'"),
    ("vllm", "v0.24.0", "serve m --limit-mm-per-prompt image=1", 2, "image=1 cannot be converted to <function loads"),
    ("vllm", "v0.24.0", "serve m --max-num", 2, "ambiguous option: --max-num could match"),
    ("vllm", "v0.8.0", "serve m --kv-offloading-size 8", 2, "unrecognized arguments: --kv-offloading-size 8"),
    ("sglang", "v0.5.15.post1", "--model-path m --tp-sizes 8", 2, "unrecognized arguments: --tp-sizes 8"),
    ("sglang", "v0.5.15.post1", "--host 0.0.0.0", 2, "the following arguments are required: --model-path"),
    ("llamacpp", "b9603", "--max-num-seqs 4", 1, "error: invalid argument: --max-num-seqs"),
    ("llamacpp", "b9603", "--ctx-siz 4", 1, "error: invalid argument: --ctx-siz"),
    ("llamacpp", "b9603", "--ctx-size lots", 1, 'error while handling argument "--ctx-size": stoi'),
    ("llamacpp", "b9603", "--ctx-size", 1, 'error while handling argument "--ctx-size": expected value for argument'),
    ("ik_llama", "8337e4cd3861406fc04e0854b1409cd1b027fbc9", "--slots", 1, "error: unknown argument: --slots"),
    ("trtllm", "1.0.0", "m --tp-size 8", 2, "Error: No such option: --tp-size"),
    ("trtllm", "1.0.0", "m --port x", 2, "Invalid value for '--port': 'x' is not a valid integer."),
    ("trtllm", "1.0.0", "--port 8000", 2, "Missing argument 'MODEL'."),
    ("ovms", "2025.4.1", "--rest-port 8000", 64, "unmatched arguments: --rest-port, 8000"),
    ("ovms", "2025.4.1", "--rest_port x", 64, "failed to parse"),
    ("ovms", "2025.4.1", "--rest_port 8000 --cache_size 4", 64, "unmatched arguments: --cache_size, 4"),
]


def read(engine: str, version: str, arguments: str) -> Line:
    history = histories.load(engine)
    reader = ENGINES[engine].read
    assert history is not None
    assert reader is not None
    return reader(at(history, version), arguments.split())


@pytest.mark.parametrize(("engine", "version", "arguments"), TAKEN)
def test_what_the_engine_takes_is_taken(engine: str, version: str, arguments: str) -> None:
    line = read(engine, version, arguments)
    assert line.values or line.switches or line.positional


@pytest.mark.parametrize(("engine", "version", "arguments", "status", "message"), REFUSED)
def test_the_stand_in_refuses_with_the_message_of_the_engine(
    engine: str, version: str, arguments: str, status: int, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        read(engine, version, arguments)
    assert message in refused.value.words
    assert refused.value.status == status


@pytest.mark.parametrize("service", ["rapidocr", "sam3", "zoo"])
def test_our_own_services_are_read_by_their_own_parsers(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    places = ROOT / "services" / service / "app", ROOT / "services/kit"
    assert services.read(service, ["--host", "0.0.0.0"], *places).first("host") == "0.0.0.0"
    with pytest.raises(SystemExit) as ended:
        services.read(service, ["--porf", "1"], *places)
    assert ended.value.code == 2
    assert "unknown flag --porf (did you mean --port?)" in capsys.readouterr().err
