"""The host side of benchmarks: runs clients, keeps, compares and reports results."""
