"""The service of OpenVINO Model Server: REST always, gRPC when a profile asks for it."""

from __future__ import annotations

import yaml

from tests.making import artifacts

JOB = """\
model: qwen25-vl-7b
host: intel-igpu
gpu: {count: 1}
image: openvino/model_server:2025.4.1-gpu
"""


def service(more: str = "") -> dict[str, list[object]]:
    text = artifacts({"profiles/job.yaml": JOB + more})["compose/job.yaml"]
    made: dict[str, list[object]] = yaml.safe_load(text)["services"]["job"]
    return made


def test_grpc_stays_off_until_it_is_requested() -> None:
    assert service()["command"] == ["--config_path", "/config/config.json", "--rest_port", "8000"]
    requested = service("listen: {grpc: 9000}\nports: {grpc: 9001}\n")
    assert requested["command"][-2:] == ["--port", "9000"]
    assert {"host_ip": "127.0.0.1", "published": "9001", "target": 9000, "protocol": "tcp"} in requested["ports"]
