"""Evals of language models: the benchmark client asks, this judges the answers."""
