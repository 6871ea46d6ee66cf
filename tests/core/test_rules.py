"""The hardening rules: each is broken by some case, and waived with a reason and a date."""

from __future__ import annotations

from typing import Any

import pytest

from mmcompose.core.check.rules.catalogue import RULES, titles
from tests.making import ROOT, compilation, of_rule, problems

BASE = "model: glm-ocr\nbackend: vllm\n"
OPEN = "name: mm\nbind: 0.0.0.0\nports: 8100-8199\nhost: gpu-12gb\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

# Rule, what breaks it, and where and how that is said.
BROKEN = [
    ("S01", "security: {privileged: true}", "3:12: security.privileged: the container could do everything on the host"),
    (
        "S02",
        "mounts: [{source: /srv/docker.sock, target: /x}]",
        "3:10: mounts[0]: gives the container Docker",
    ),
    (
        "S02",
        "mounts: [{source: /a/containerd.sock, target: /x}]",
        "3:10: mounts[0]: gives the container Docker",
    ),
    ("S03", "security: {network: host}", "3:12: security.network: shares the network"),
    ("S03", "security: {ipc: host}", "3:12: security.ipc: shares the memory"),
    ("S04", "security: {cap_drop: []}", "3:12: security.cap_drop: must drop all capabilities"),
    ("S04", "security: {cap_drop: null}", "3:12: security.cap_drop: must drop all capabilities"),
    ("S04", "security: {cap_add: [SYS_ADMIN]}", "3:12: security.cap_add: adds SYS_ADMIN"),
    ("S05", "security: {no_new_privileges: false}", "3:12: security.no_new_privileges: lets processes gain privileges"),
    ("S05", "security: {seccomp: unconfined}", "3:12: security.seccomp: leaves system calls unfiltered"),
    ("S06", "security: {user: '0:0'}", "3:12: security.user: runs as root"),
    ("S06", "security: {user: '00:1000'}", "3:12: security.user: runs as root"),
    ("S06", "security: {user: null}", "3:12: security.user: runs as root"),
    ("S07", "security: {read_only: false}", "3:12: security.read_only: the root file system is writable"),
    ("S08", "ports: {api: 80}", "3:9: ports.api: 80 is a privileged port"),
    ("S09", "image: vllm/vllm-openai", "3:1: image: vllm/vllm-openai has no tag"),
    ("S09", "image: vllm/vllm-openai:latest", "3:1: image: the tag latest may name another release tomorrow"),
    ("S09", "image: null", "3:1: image: the service has no image"),
    ("S10", "env: {HF_TOKEN: x}", "3:7: env.HF_TOKEN: a secret in plain text"),
    ("S10", "env: {MY_API_KEY: x}", "3:7: env.MY_API_KEY: a secret in plain text"),
    ("S10", "env: {HARMLESS: hf_abcdefghijklmnopqrst}", "3:7: env.HARMLESS: a secret in plain text"),
    ("S10", "env: {PROXY: 'http://me:word@proxy'}", "3:7: env.PROXY: a secret in plain text"),
    ("S10", "args: {api_key: x}", "3:8: args.api_key: a secret in plain text"),
    ("S10", "env: {GITHUB_PAT: abcdefgh1}", "3:7: env.GITHUB_PAT: a secret in plain text"),
    ("S10", "env: {AUTH_BEARER: word1234}", "3:7: env.AUTH_BEARER: a secret in plain text"),
    ("S10", "env: {DB_PWD: word1234}", "3:7: env.DB_PWD: a secret in plain text"),
    ("S10", "env: {X: github_pat_abcdefghijklmnopqrstuv}", "3:7: env.X: a secret in plain text"),
    ("S10", "env: {PROXY: 'https://abcdef@proxy.example'}", "3:7: env.PROXY: a secret in plain text"),
    ("S10", "env: {CACHE: 'redis://:word@host'}", "3:7: env.CACHE: a secret in plain text"),
    ("S10", "args: {api_key: [sk-1, sk-2]}", "3:8: args.api_key: a secret in plain text"),
    ("S10", "args: {kv_transfer_config: {token: word1234}}", "3:8: args.kv_transfer_config: a secret in plain text"),
    (
        "S10",
        "unchecked_args: {api_token: {value: word1234, reason: the engine wants it}}",
        "3:18: unchecked_args.api_token: a secret in plain text",
    ),
    ("S10", "image_type: build\nbuild: {args: {TOKEN: word1234}}", "4:16: build.args.TOKEN: a secret in plain text"),
    (
        "S10",
        "health: {test: [CMD, curl, -H, 'Authorization: Bearer abcdef123456', x]}",
        "3:10: health.test: a secret in plain text",
    ),
    ("S10", "health: {test: [CMD, ask, --api-key, word1234]}", "3:10: health.test: a secret in plain text"),
    ("S10", "description: use sk-abcdefghijklmnopqrst", "3:1: description: a secret in plain text"),
    ("S10", "why: {args.max_num_seqs: hf_abcdefghijklmnopqrst}\nargs: {max_num_seqs: 4}", "3:7: why"),
    ("S12", "resources: {memory: null}", "3:13: resources.memory: has no limit"),
    ("S12", "resources: {memory: 0g}", "3:13: resources.memory: has no limit"),
    ("S12", "resources: {memory: 0%}", "3:13: resources.memory: has no limit"),
    ("S12", "resources: {pids: null}", "3:13: resources.pids: has no limit"),
    ("S13", "mounts: [{source: /, target: /x}]", "3:10: mounts[0]: / belongs to the system"),
    ("S13", "mounts: [{source: /etc/ssl, target: /x}]", "3:10: mounts[0]: /etc/ssl belongs to the system"),
    ("S13", "mounts: [{source: //etc, target: /x}]", "3:10: mounts[0]: //etc belongs to the system"),
    ("S13", "mounts: [{source: /srv/../root, target: /x}]", "3:10: mounts[0]: /srv/../root belongs to the system"),
    ("S13", "mounts: [{source: /home, target: /x}]", "3:10: mounts[0]: /home belongs to the system"),
    ("S02", "mounts: [{source: /run, target: /x}]", "3:10: mounts[0]: /run holds the sockets of container engines"),
    (
        "S02",
        "mounts: [{source: /var/lib/docker/x, target: /x}]",
        "3:10: mounts[0]: /var/lib/docker/x holds the sockets",
    ),
    (
        "S02",
        r"mounts: [{source: '\\.\pipe\docker_engine', target: /x}]",
        "3:10: mounts[0]: a named pipe leads to a program of the host",
    ),
    ("S02", "mounts: [{source: //./pipe/docker_engine, target: /x}]", "3:10: mounts[0]: a named pipe leads to"),
    ("S02", "mounts: [{source: npipe:////./PIPE/x, target: /x}]", "3:10: mounts[0]: a named pipe leads to"),
    ("S02", "weights: {path: /run/buildkit/buildkitd.sock}", "3:11: weights.path: gives the container"),
    (
        "S13",
        "mounts: [{source: ../../../etc, target: /e}]",
        "3:10: mounts[0]: ../../../etc leads to /etc, which belongs",
    ),
    ("S13", "mounts: [{source: /usr/local/bin, target: /x}]", "3:10: mounts[0]: /usr/local/bin belongs to the system"),
    (
        "S13",
        "mounts: [{source: /var/spool/cron, target: /x}]",
        "3:10: mounts[0]: /var/spool/cron belongs to the system",
    ),
    ("S13", "mounts: [{source: /lib/systemd/system, target: /x}]", "3:10: mounts[0]: /lib/systemd/system belongs"),
    ("S13", "mounts: [{source: /home/x/.ssh, target: /x}]", "3:10: mounts[0]: /home/x/.ssh belongs to the system"),
    ("S13", "weights: {path: ../../../etc}", "3:11: weights.path: ../../../etc leads to /etc, which belongs"),
    ("S15", "health: null", "3:1: health.test: is not set, so there is no way to tell when the service is ready"),
    ("S15", "health: {start_period: null}", "3:10: health.start_period: is not set, so a slow load"),
    ("S16", "restart: always", "3:1: restart: restarts containers that somebody stopped"),
    ("S17", "logging: {max_size: null}", "3:11: logging.max_size: is not set, so the log may fill the disk"),
    ("S21", "args: {trust_remote_code: true}", "3:8: args.trust_remote_code: runs code from the model's repository"),
    ("S24", "mounts: [{source: /data/models, target: /x}]", "3:10: mounts[0]: /data/models lies outside the project"),
    ("S24", "mounts: [{source: ../other, target: /x}]", "3:10: mounts[0]: ../other leads to /other, which lies"),
    ("S24", "weights: {path: /data/x.gguf}", "3:11: weights.path: /data/x.gguf lies outside the project"),
    ("S25", "secrets: {sock: {file: /etc/shadow}}", "3:18: secrets.sock.file: /etc/shadow lies outside the project"),
    ("S25", "secrets: {up: {file: ../key}}", "3:16: secrets.up.file: ../key lies outside the project, at /key"),
    ("S26", "mounts: [{source: ., target: /x}]", "3:10: mounts[0]: . holds the secrets of the project"),
    ("S26", "mounts: [{source: secrets, target: /x}]", "3:10: mounts[0]: secrets holds the secrets of the project"),
    (
        "S26",
        "mounts: [{source: profiles, target: /x, read_only: false}]",
        "3:10: mounts[0]: profiles decides what runs, and the container could write it",
    ),
    ("S27", "image_type: build\nbuild: {context: /}", "4:9: build.context: / lies outside the project"),
    ("S27", "image_type: build\nbuild: {context: ../..}", "4:9: build.context: ../.. lies outside the project"),
    (
        "S27",
        "image_type: build\nbuild: {context: 'https://x.example/y.git'}",
        "4:9: build.context: names no tag and no commit",
    ),
    ("S27", "image_type: build\nbuild: {context: 'https://x.example/y.git#main'}", "4:9: build.context: main moves"),
    (
        "S27",
        "image_type: build\nbuild: {context: 'https://x.example/y.tgz'}",
        "4:9: build.context: is neither a folder",
    ),
    (
        "S27",
        "image_type: build\nbuild: {context: 'https://me:word@x.example/y.git#v1'}",
        "4:9: build.context: a secret in plain text in its address",
    ),
    (
        "S27",
        "image_type: build\nbuild: {dockerfile: ../../x}",
        "4:9: build.dockerfile: ../../x lies outside what is built",
    ),
    ("S28", "mounts: [{source: /dev/sda, target: /x}]", "3:10: mounts[0]: /dev/sda is not a device that computes"),
    ("S28", "mounts: [{source: /dev/dri, target: /x}]", "3:10: mounts[0]: /dev/dri is not a device of the host file"),
    ("S29", "security: {user: '1000:0'}", "3:12: security.user: group 0 is root"),
    ("S29", "security: {user: '1000:42'}", "3:12: security.user: group 42 is shadow"),
    (
        "S21",
        f"args: {{trust_remote_code: true}}\nweights: {{revision: {COMMIT}}}",
        "3:8: args.trust_remote_code: runs code from the model's repository without a stated reason",
    ),
]
KEPT = [
    "mounts: [{source: data, target: /y}, {source: ./data/../more, target: /z}, {source: /project/data, target: /x}]",
    "mounts: [{source: data, target: /y, read_only: false}]",
    "weights: {repo: null, path: models/x}",
    "security: {user: '1234:1234'}",
    "ports: {api: 1024}",
    "env: {HF_TOKEN_PATH: /run/secrets/x, TOKENIZERS_PARALLELISM: '1', KEYBOARD: us}",
    "env: {HF_TOKEN: ''}",
    "env: {MAX_TOKEN: '8192', EOS_TOKEN: '<|im_end|>', STOP_TOKEN: a, CLIENT_TOKENIZER: slow, HF_TOKEN_FILE: /run/x}",
    "env: {API_KEY: /run/secrets/key, OLDPWD: /tmp, PWD: /app, KEYS: a, REPO: 'https://git@host/x.git'}",
    "health: {test: [CMD-SHELL, 'curl -H \"x-api-key: $(cat /run/secrets/key)\" localhost']}",
    "description: reads at most 8192 tokens; its password lies in secrets/",
    "restart: on-failure:5",
    f"image: vllm/vllm-openai@sha256:{'a' * 64}\nengine_version: v0.24.0",
    f"args: {{trust_remote_code: true}}\nweights: {{revision: {COMMIT}}}\nwhy: {{args.trust_remote_code: so}}",
    "args: {trust_remote_code: false}",
]


def made(text: str, **given: Any) -> list[str]:
    return problems(compilation({"profiles/job.yaml": BASE + text + "\n"}, **given))


@pytest.mark.parametrize(
    ("rule", "text", "printed"), BROKEN, ids=lambda value: value if value.startswith("S") else None
)
def test_a_rule_that_is_broken_is_reported_with_a_way_out(rule: str, text: str, printed: str) -> None:
    found = of_rule(compilation({"profiles/job.yaml": BASE + text + "\n"}), rule)
    assert len(found) == 1
    assert str(found[0]).startswith(f"profiles/job.yaml:{printed}")
    assert f"waive {rule} with a reason and a date" in found[0].hint


@pytest.mark.parametrize(
    ("rule", "text", "printed"), BROKEN, ids=lambda value: value if value.startswith("S") else None
)
def test_a_rule_that_is_waived_is_not_reported(rule: str, text: str, printed: str) -> None:
    waiver = f"waivers: [{{rule: {rule}, reason: a good reason to do so, until: 2099-01-01}}]"
    assert [line for line in made(f"{text}\n{waiver}") if printed in line] == []


@pytest.mark.parametrize("text", KEPT)
def test_what_is_harmless_breaks_no_rule(text: str) -> None:
    assert made(text) == []


def test_a_door_open_to_the_network_needs_a_key() -> None:
    found = made("ports: {api: 8000}", settings=OPEN)
    assert len(found) == 1
    assert found[0].startswith("profiles/job.yaml:3:9: ports.api: published on 0.0.0.0 without an API key")
    assert made("ports: {api: 8000}\nsecrets: {key: {file: secrets/key, value_env: VLLM_API_KEY}}", settings=OPEN) == []
    assert made("ports: null", settings=OPEN) == []
    assert made("ports: {api: 8000}", settings=OPEN.replace("0.0.0.0", "127.0.0.1")) == []
    assert made("ports: {api: 8000}", settings=OPEN.replace("0.0.0.0", '"::1"')) == []
    assert len(made("ports: {api: 8000}\nsecrets: {hf_token: {file: secrets/hf_token}}", settings=OPEN)) == 1


@pytest.mark.parametrize("address", ["::1.2.3.4", "::1:0:0:5", "::", "1.127.0.1", "::ffff:10.0.0.1"])
def test_an_address_that_only_begins_like_the_loopback_is_open(address: str) -> None:
    found = made("ports: {api: 8000}", settings=OPEN.replace("0.0.0.0", f'"{address}"'))
    assert [line for line in found if "without an API key" in line]


@pytest.mark.parametrize(
    "text",
    [
        "unchecked_args: {trust_remote_code: {value: true, reason: it has code of its own}}",
        "bench: [vllm-bench]\nbench_args: {vllm-bench: {trust_remote_code: true}}",
    ],
)
def test_foreign_code_is_seen_in_all_arguments(text: str) -> None:
    found = of_rule(compilation({"profiles/job.yaml": BASE + text + "\n"}), "S21")
    assert len(found) == 1
    assert "at no fixed commit" in found[0].message


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} | {"S23", "S30"} == {rule.id for rule in RULES}


def test_a_waiver_of_a_rule_that_is_kept_is_a_warning() -> None:
    text = "waivers: [{rule: S01, reason: a good reason to do so, until: 2099-01-01}]"
    assert made(text) == [
        "profiles/job.yaml:3:11: warning: waivers: this service does not break S01 (remove the waiver)"
    ]


def test_a_waiver_of_an_unknown_rule_is_a_problem() -> None:
    text = "waivers: [{rule: S99, reason: a good reason to do so, until: 2099-01-01}]"
    known = ", ".join(sorted(titles()))
    assert made(text) == [f"profiles/job.yaml:3:11: waivers: there is no rule S99 (known: {known})"]


def test_a_waiver_ends_after_its_day_and_only_where_a_date_is_reported() -> None:
    text = "security: {read_only: false}\nwaivers: [{rule: S07, reason: it writes here, until: 2026-05-05}]"
    ended = "profiles/job.yaml:4:11: waivers: the waiver of S07 ended on 2026-05-05 (judge it again: it writes here)"
    assert made(text) == []
    assert made(text, today="2026-05-05") == []
    assert made(text, today="2026-05-06") == [ended]


def test_the_waivers_of_all_layers_add_up() -> None:
    files = {
        "profiles/job.yaml": BASE + "security: {read_only: false}\nwaivers:\n"
        "  - {rule: S07, reason: it writes beside itself, until: 2099-01-01}\n",
        "profiles/hosts/gpu-12gb.yaml": (ROOT / "profiles/hosts/gpu-12gb.yaml").read_text(encoding="utf-8")
        + "restart: always\nwaivers: [{rule: S16, reason: nobody stops this host, until: 2099-01-01}]\n",
    }
    made = compilation(files)
    assert problems(made) == []
    assert [waiver.rule for waiver in made.profiles["job"].services["job"].waivers] == ["S07", "S16"]


def test_a_waiver_speaks_only_of_its_own_service() -> None:
    text = (
        "services:\n"
        "  xx: {security: {read_only: false}, waivers: [{rule: S07, reason: it writes beside, until: 2099-01-01}]}\n"
        "  yy: {security: {read_only: false}, gpu: {count: 1}}\n"
        "host: gpu-8x"
    )
    found = made(text)
    assert len(found) == 1
    assert found[0].startswith("profiles/job.yaml:5:19: security.read_only: ")
