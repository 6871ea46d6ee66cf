"""Graphs and settings that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.core.render.renderer import environments
from mmcompose.engines.ovms.graph.settings import complete

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
TEMPLATES = Path(__file__).parents[3] / "templates"
CORRECTED = (HERE / "graphs" / "corrected.pbtxt").read_text(encoding="utf-8")
HANDMADE = (HERE / "graphs" / "handmade.pbtxt").read_text(encoding="utf-8")

# The releases that serve all four tasks.
RELEASES = [
    *("2025.2", "2025.2.1", "2025.3", "2025.4", "2025.4.1"),
    *("2026.0", "2026.1", "2026.2", "2026.2.1", "2026.3"),
]
SETTINGS: dict[str, dict[str, Any]] = {
    "text_generation": {
        "models_path": "/models/qwen",
        "pipeline_type": "VLM_CB",
        "device": "GPU",
        "max_num_seqs": 1,
        "cache_size": 6,
        "enable_prefix_caching": True,
        "plugin_config": {"CACHE_DIR": "/cache", "NUM_STREAMS": 1, "DEVICE_PROPERTIES": {"GPU": {"A": True}}},
        "cache_eviction_config": {"start_size": 32, "recent_size": 128, "max_cache_size": 672},
    },
    "embeddings": {
        "models_path": "/models/bge",
        "target_device": "CPU",
        "normalize_embeddings": False,
        "plugin_config": '{"NUM_STREAMS": "1"}',
    },
    "rerank": {"models_path": "/models/rr", "target_device": "GPU", "max_allowed_chunks": 100},
    "image_generation": {"models_path": "/models/sd", "device": "CPU", "default_resolution": "512x512"},
}


def render(template: str, **variables: object) -> str:
    """A shipped template, rendered as the product renders it."""
    suffix = "." + template.removesuffix(".j2").rpartition(".")[2]
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return environments({template: text})[suffix].get_template(template).render(**variables)


def graph_of(task: str, settings: Mapping[str, object], release: str) -> str:
    return render("ovms/graph.pbtxt.j2", graph=complete(task, settings, release))


def with_options(options: str, calculator: str = "HttpLLMCalculator", message: str = "LLMCalculatorOptions") -> str:
    """The corrected graph with other options in it; the options stand on line 14 from column 7 on."""
    head, rest = CORRECTED.split("      models_path", 1)
    tail = rest.split("    }\n  }\n", 1)[1]
    text = f"{head}      {options}\n    }}\n  }}\n{tail}"
    return text.replace("HttpLLMCalculator", calculator).replace("LLMCalculatorOptions", message)
