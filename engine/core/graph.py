"""The dependency graph; the one file that knows networkx."""
