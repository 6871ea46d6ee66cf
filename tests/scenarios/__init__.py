"""Whole stories on real Docker Engines: shipped profiles through real Compose, with real or stand-in engines."""
