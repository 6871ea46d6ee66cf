"""Measures the GPU memory of profiles and of the vision zoo: the use, the time to load, and the rest after
unloading."""
