"""Recognises why a start failed, from what engines, Docker and registries print: rows of data, and their choice."""
