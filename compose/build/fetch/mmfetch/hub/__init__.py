"""The hub over HTTP: what a repository holds, and its bytes."""
