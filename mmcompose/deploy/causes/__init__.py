"""Causes of failed starts: what engines, Docker and registries say, as rows of data, and how the right row is found."""
