"""The host side of benchmarks: launch siblings, store, compare, report."""
