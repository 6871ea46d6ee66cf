"""OCR on the CPU behind an OpenAI-compatible interface: PP-OCR models through RapidOCR and ONNX Runtime."""

from __future__ import annotations

__version__ = "1.0.0"
