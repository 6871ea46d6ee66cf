"""Stand-in engines: test doubles that take an engine's real flags, die as it would, and answer as it would.

They let every profile come up through real Docker and real Compose on a machine without a GPU. No model runs in them.
"""
