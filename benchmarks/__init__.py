"""How fast it is, against what a person would otherwise use: `python -m benchmarks`."""
