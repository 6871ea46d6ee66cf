"""The facts of each engine, as data and pure functions over texts: flags, versions, artifacts."""
