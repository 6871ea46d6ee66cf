"""TEST DOUBLE of an inference engine. It holds the command line against the flag history of the version that it plays,
dies as that engine would, or serves the engine's port, health, models, metrics and answers. No model runs here."""
