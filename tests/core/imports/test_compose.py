"""Compose files of other people: what they mean for a profile is kept, everything else is reported."""

from __future__ import annotations

import pytest

from mmcompose.core.imports.result import Decision
from tests.core.imports.importing import from_compose, only, remarks

SECRET = "sk-abcdefgh12345678abcdefgh"
VLLM = """\
x-common: &common
  restart: always
  ipc: host
services:
  vllm:
    <<: *common
    image: vllm/vllm-openai:${VLLM_TAG:-v0.10.0}
    container_name: my-vllm
    environment:
      - HF_TOKEN=${HF_TOKEN}
      - VLLM_API_KEY=sk-abcdefgh12345678abcdefgh
      - HF_HOME=/root/.cache/huggingface
      - VLLM_LOGGING_LEVEL=DEBUG
    ports: ["8000:8000"]
    volumes:
      - ~/.cache/huggingface:/root/.cache/huggingface
      - ./templates:/templates:ro
    command: >
      --model Qwen/Qwen3-8B --max-model-len 32768
      --chat-template /templates/x.jinja --max-nm-seqs 4
    deploy:
      resources:
        reservations:
          devices:
            - {driver: nvidia, count: 1, capabilities: [gpu]}
    mem_limit: 32g
    labels: [traefik.enable=true]
    depends_on: [redis]
"""


def service(*lines: str) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"services:\n  chat:\n    image: vllm/vllm-openai:v0.24.0\n    command: [owner/name]\n{body}\n"


def test_an_engine_becomes_a_profile() -> None:
    made = only(from_compose(VLLM))
    assert made == {
        "backend": "vllm",
        "image": "vllm/vllm-openai:v0.10.0",
        "weights": {"repo": "Qwen/Qwen3-8B"},
        "args": {"max_model_len": 32768, "chat_template": "/templates/x.jinja", "max_nm_seqs": 4},
        "ports": {"api": 8000},
        "env": {"VLLM_LOGGING_LEVEL": "DEBUG"},
        "secrets": {
            "hf_token": {"file": "secrets/hf_token", "path_env": "HF_TOKEN_PATH"},
            "vllm_api_key": {"file": "secrets/vllm_api_key", "value_env": "VLLM_API_KEY"},
        },
        "mounts": [{"source": "templates", "target": "/templates", "read_only": True}],
        "resources": {"memory": "32g"},
    }


@pytest.mark.parametrize(
    "line",
    [
        "docker-compose.yml:3:8: warning: security.ipc: host is not taken over",
        "docker-compose.yml:7:12: warning: VLLM_TAG: the variable is not read; its default is written: 'v0.10.0'",
        "docker-compose.yml:10:9: warning: env.HF_TOKEN: a token is a secret",
        "docker-compose.yml:11:9: warning: env.VLLM_API_KEY: is a secret: the file secrets/vllm_api_key",
        "docker-compose.yml:12:9: warning: env.HF_HOME: /root/.cache/huggingface is not kept",
        "docker-compose.yml:14:13: warning: ports: was open to the network",
        "docker-compose.yml:16:9: warning: volumes: ~/.cache/huggingface is not mounted",
        "docker-compose.yml:20:42: warning: args.max_nm_seqs: is not a flag of vLLM v0.10.0 (did you mean",
        "docker-compose.yml:27:14: warning: vllm.labels.traefik.enable: a profile has no labels",
        "docker-compose.yml:28:5: warning: vllm.depends_on: a profile waits for no other service, such as redis",
    ],
)
def test_the_report_names_each_line(line: str) -> None:
    assert line in remarks(from_compose(VLLM))


def test_a_secret_is_written_nowhere() -> None:
    made = from_compose(VLLM)
    assert SECRET not in remarks(made)
    assert all(SECRET not in text for text in made.files.values())


@pytest.mark.parametrize(
    ("line", "report"),
    [
        ("hostname: box", "5:5: warning: chat.hostname: has no key in a profile"),
        ("colour: red", "5:5: warning: chat.colour: has no key in a profile"),
        ("privileged: true", "security.privileged: True is not taken over"),
        ("user: root", "security.user: root is not taken over"),
        ("cap_add: [SYS_ADMIN]", "security.cap_add: SYS_ADMIN is not taken over"),
        ("mem_limit: a lot", "chat.mem_limit: 'a lot' has no form in a profile"),
        ("ports: ['8000-8010:8000-8010']", "ports: '8000-8010:8000-8010' is no single port of tcp"),
        ("ports: ['9000:9000', '8000:8000']", "ports: 9000 is no port of the engine"),
        ("networks: [web]", "chat.networks: the network web is not joined"),
        ("ulimits: {nofile: {soft: 1, hard: 2}}", "a soft and a hard limit of nofile: 1:2"),
        ("logging: {driver: syslog}", "chat.logging.driver: a profile's log is a json-file"),
        ("healthcheck: {test: curl x, interval: 7s}", "health.test: CMD-SHELL, curl x is not taken over"),
        ("volumes: [/data]", "the volume '/data' has no name"),
        ("restart: maybe", "5:14: warning: restart: 'maybe' is not valid here"),
        ("restart: always", "5:14: warning: restart: always is not taken over: a profile stays down once somebody"),
        ("shm_size: 8gb", ""),
    ],
)
def test_what_a_profile_cannot_have_is_reported(line: str, report: str) -> None:
    assert report in remarks(from_compose(service(line)))


@pytest.mark.parametrize(
    ("lines", "key", "value"),
    [
        (("shm_size: 8gb",), "resources", {"shm_size": "8g"}),
        (("mem_limit: 34359738368",), "resources", {"memory": "32g"}),
        (("healthcheck: {test: curl x, interval: 7s, retries: 9}",), "health", {"interval": "7s", "retries": 9}),
        (("ports: ['127.0.0.1:9001:8000']",), "ports", {"api": 9001}),
        (("gpus: all", "expose: ['1']"), "args", None),
        (("stop_grace_period: 2m",), "stop_grace_period", "2m"),
        (("tmpfs: ['/scratch:size=1g,mode=1777']",), "tmpfs", {"/scratch": "1g"}),
        (("volumes: ['notes:/notes']",), "caches", {"notes": "/notes"}),
        (("ulimits: {memlock: -1}",), "resources", {"ulimits": {"memlock": -1}}),
        (("logging: {options: {max-size: 5m, max-file: '2'}}",), "logging", {"max_size": "5m", "max_file": 2}),
        (("networks: {default: {aliases: [llm]}}",), "aliases", ["llm"]),
    ],
)
def test_docker_s_forms_become_those_of_a_profile(lines: tuple[str, ...], key: str, value: object) -> None:
    assert only(from_compose(service(*lines))).get(key) == value


def test_a_model_behind_a_mount_is_its_path_on_the_host() -> None:
    text = """\
services:
  llama:
    image: ghcr.io/ggml-org/llama.cpp:server-b9603
    volumes: ["/mnt/models:/models"]
    command: -m /models/a-00001-of-00002.gguf --port 9000 -c 4096
    ports: ["9000:9000"]
"""
    made = only(from_compose(text, Decision(host="cpu")))
    assert made["weights"] == {"path": "/mnt/models", "file": "a-00001-of-00002.gguf"}
    assert made["args"] == {"ctx_size": 4096}
    assert made["ports"] == {"api": 9000}
    assert "mounts" not in made


def test_a_model_that_the_project_knows_is_named() -> None:
    made = only(from_compose("services: {a: {image: 'vllm/vllm-openai:v0.24.0', command: [zai-org/GLM-OCR]}}"))
    assert made == {"model": "glm-ocr", "backend": "vllm"}


def test_a_model_in_the_store_is_read_as_its_repository() -> None:
    text = service("entrypoint: [/app/llama-server]").replace("vllm/vllm-openai:v0.24.0", "x/y:1")
    path = "/store/files/Qwen/Some-GGUF/abc123/sub/a.gguf"
    made = only(from_compose(text.replace("[owner/name]", f"[--model, {path}]")))
    assert made["weights"] == {"repo": "Qwen/Some-GGUF", "revision": "abc123", "file": "sub/a.gguf"}


def test_a_moving_tag_gives_way_to_the_backend_s_release() -> None:
    made = from_compose(service().replace("v0.24.0", "latest"))
    assert "image" not in only(made)
    assert "vllm/vllm-openai:latest is whatever was pulled last (the backend's release v0.24.0 is taken)" in remarks(
        made
    )


def test_services_that_are_no_engines_are_named() -> None:
    text = service() + "  webui:\n    image: ghcr.io/open-webui/open-webui:main\n"
    made = from_compose(text)
    assert made.profiles == ["chat"]
    assert "docker-compose.yml:6:3: warning: webui: is no engine that mmcompose knows" in remarks(made)


def test_a_shell_around_the_engine_is_looked_through() -> None:
    text = service().replace(
        "command: [owner/name]", 'command: bash -c "pip install x && exec vllm serve a/b --seed 3"'
    )
    made = from_compose(text)
    assert only(made)["weights"] == {"repo": "a/b"}
    assert only(made)["args"] == {"seed": 3}
    assert "'pip' stands before the engine's program" in remarks(made)


def test_what_the_project_adds_is_reported() -> None:
    text = service().replace("vllm/vllm-openai:v0.24.0", "lmsysorg/sglang:v0.5.15.post1")
    text = text.replace("[owner/name]", "python3 -m sglang.launch_server --model-path a/b")
    assert "args.enable_metrics: is added by mmcompose:profiles/backends/sglang.yaml" in remarks(from_compose(text))
