"""mmbench: the load client of mmcompose's benchmark containers (standard library and uvloop only)."""

from __future__ import annotations

VERSION = "0.1.0"
SCHEMA = "mmcompose.bench/1"
SCHEMA_MINOR = 2
