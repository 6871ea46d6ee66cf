"""Containers as the engine would tell of them, for tests that need none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mmcompose.deploy.docker.observe import Running, read

PLAIN = read({
    "Id": "c1",
    "Name": "/mm-ocr",
    "Config": {
        "Image": "vllm/vllm-openai:v0.24.0",
        "Labels": {
            "mmcompose.project": "mm",
            "mmcompose.profile": "ocr",
            "mmcompose.service": "ocr",
            "mmcompose.gpus": "0",
            "mmcompose.share": "exclusive",
            "com.docker.compose.project": "mm",
            "com.docker.compose.project.config_files": "/p/compose/ocr.yaml,/p/compose/profiles/ocr.yaml",
        },
    },
    "State": {"Status": "running", "StartedAt": "2026-11-20T05:52:19.123Z"},
    "NetworkSettings": {"Ports": {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8000"}]}},
})  # fmt: skip


def container(**facts: Any) -> Running:
    return replace(PLAIN, **facts)
