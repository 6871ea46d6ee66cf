"""What a profile needs from a registry before it can be started."""

from __future__ import annotations

from mmcompose.deploy.wanted import wanted_profile
from mmcompose.files.gather import shipped
from mmcompose.files.gather.compile import at


def test_what_gives_a_fresh_volume_to_its_user_is_pulled_like_the_engine() -> None:
    stack = at(shipped.root()).stack
    assert stack is not None
    assert wanted_profile(stack, "order-accuracy").pulled == ("busybox:1.37.0", "openvino/model_server:2025.4.1-gpu")
    assert wanted_profile(stack, "ocr").pulled == ("vllm/vllm-openai:v0.24.0",)
    assert wanted_profile(stack, "sam3").pulled == ("busybox:1.37.0",)
    assert wanted_profile(stack, "ocr-cpu").pulled == ()
