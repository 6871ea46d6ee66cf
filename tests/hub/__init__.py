"""A double of the hub: the part of its API that clients need to find and fetch files, and faults on request.

It speaks to real clients only: the fetch service, `huggingface_hub`, llama.cpp. In a test:

    with serving(Repository("org/name", {"config.json": b"{}", "model.safetensors": weights})) as hub:
        env = {"HF_ENDPOINT": hub.url}

For containers, `python -m tests.hub --bind 0.0.0.0 --port 8090 --repo org/name=FOLDER` serves a folder until it is
stopped.
"""

from tests.hub.faults import Faults
from tests.hub.repository import Repository
from tests.hub.server import Hub, serving

__all__ = ["Faults", "Hub", "Repository", "serving"]
