"""Reasons travel with their values, and never outlive them."""

from __future__ import annotations

import pytest

from mmcompose.core.resolve.reasons import reason
from mmcompose.model import dotted, parse_path
from tests.making import compilation, problems

PARENT = """\
model: glm-ocr
backend: vllm
args: {max_num_seqs: 16}
why: {args.max_num_seqs: keeps latency steady}
"""


def why(files: dict[str, str], path: str = "args.max_num_seqs", profile: str = "job") -> str | None:
    made = compilation(files)
    assert problems(made) == []
    return reason(made.profiles[profile].settings[profile], parse_path(path))


def test_a_reason_explains_the_value_beside_it() -> None:
    assert why({"profiles/job.yaml": PARENT}) == "keeps latency steady"


def test_a_reason_is_inherited_together_with_its_value() -> None:
    files = {"profiles/base.yaml": PARENT, "profiles/job.yaml": "extends: base\nports: {api: auto}\n"}
    assert why(files) == "keeps latency steady"


def test_a_reason_of_a_lower_layer_does_not_explain_a_value_of_a_higher_one() -> None:
    model = (
        "weights: {repo: a/b, format: safetensors}\nargs: {max_num_seqs: 4}\nwhy: {args.max_num_seqs: it is small}\n"
    )
    files = {"profiles/models/thing.yaml": model, "profiles/job.yaml": "model: thing\nbackend: vllm\n"}
    assert why(files) == "it is small"
    files["profiles/job.yaml"] += "args: {max_num_seqs: 8}\n"
    assert why(files) is None
    files["profiles/job.yaml"] += "why: {args.max_num_seqs: it is fast}\n"
    assert why(files) == "it is fast"


def test_a_reason_of_an_extended_profile_does_not_explain_a_new_value() -> None:
    files = {"profiles/base.yaml": PARENT, "profiles/job.yaml": "extends: base\nargs: {max_num_seqs: 64}\n"}
    assert why(files) is None


def test_a_profile_may_explain_a_value_that_it_inherits() -> None:
    own = "extends: base\nwhy: {args.max_num_seqs: the same holds here}\n"
    assert why({"profiles/base.yaml": PARENT, "profiles/job.yaml": own}) == "the same holds here"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "args.max_num_sqs: x",
            "3:7: why.args.max_num_sqs: explains a value that is not set (did you mean args.max_num_seqs?)",
        ),
        (
            "zzz: x",
            "3:7: why.zzz: explains a value that is not set (write a dotted path such as args.max_num_seqs, or `notes`)",  # noqa: E501
        ),
        (
            "args: x",
            None,
        ),
        ("notes: anything at all", None),
        ("zzz: null", None),
    ],
)
def test_a_reason_for_nothing_is_a_problem(text: str, problem: str | None) -> None:
    made = compilation(
        {"profiles/job.yaml": f"model: glm-ocr\nargs: {{max_num_seqs: 16}}\nwhy: {{{text}}}\n"},
    )
    assert problems(made) == ([f"profiles/job.yaml:{problem}"] if problem else [])


def test_a_value_removed_from_above_takes_its_reason_along_in_silence() -> None:
    waiver = "waivers: [{rule: S12, reason: there is plenty here, until: 2099-01-01}]"
    made = compilation({"profiles/job.yaml": f"model: glm-ocr\nresources: null\n{waiver}\n"})
    assert problems(made) == []


@pytest.mark.parametrize("text", ["args", "args.a", "args.a[0]", "args.a[10].b", "services.x.args.a-b"])
def test_a_dotted_path_reads_as_it_is_written(text: str) -> None:
    assert dotted(parse_path(text)) == text


EVERYWHERE = """\
model: glm-ocr
backend: vllm
host: gpu-12gb
args: {max_num_seqs: 3}
env: {LEVEL: low}
secrets: {token: {file: secrets/token, path_env: TOKEN_FILE}}
caches: {cache: /cache}
mounts: [{source: data, target: /data}]
gpu: {count: 1, share: shared, vram: 4g}
ports: {api: auto}
aliases: [engine]
resources: {ulimits: {memlock: -1}}
bench: [load]
why:
"""
EXPLAINED = (
    "model", "image", "args", "args.max_num_seqs", "env", "env.LEVEL", "secrets.token", "caches.cache", "mounts[0]",
    "tmpfs", "gpu", "gpu.count", "gpu.share", "gpu.vram", "ports.api", "aliases", "health", "health.test",
    "health.interval", "health.timeout", "health.retries", "health.start_period", "resources", "resources.memory",
    "resources.pids", "resources.shm_size", "resources.ulimits", "security", "security.user", "security.read_only",
    "security.cap_drop", "security.no_new_privileges", "security.ipc", "security.network", "restart",
    "stop_grace_period", "logging", "logging.max_size", "bench", "bench_args.load.input_tokens", "notes",
)  # fmt: skip


def test_every_reason_is_seen_once_in_the_file_beside_its_line_or_above_its_service() -> None:
    printed = {name: f"reason {number} ends" for number, name in enumerate(EXPLAINED)}
    text = EVERYWHERE + "".join(f"  {name}: {reason}\n" for name, reason in printed.items())
    made = compilation({"profiles/job.yaml": text})
    assert problems(made) == []
    artifacts, faults = made.artifacts()
    assert faults == []
    comments = [line.strip() for line in artifacts["compose/job.yaml"].splitlines() if line.strip().startswith("#")]
    for name, arguments in printed.items():
        found = [line for line in comments if line.endswith(arguments)]
        assert len(found) == 1, (name, found)


def test_a_reason_stands_beside_the_line_of_its_value() -> None:
    made = compilation(
        {"profiles/job.yaml": EVERYWHERE + "  security.user: owns the models\n  gpu.share: small model\n"}
    )
    assert problems(made) == []
    lines = [line.strip() for line in made.artifacts()[0]["compose/job.yaml"].splitlines()]
    assert lines[lines.index("# owns the models") + 1].startswith("user:")
    assert lines[lines.index("# gpu.share: small model") + 1] == '"job":'
