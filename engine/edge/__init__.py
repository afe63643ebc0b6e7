"""The edge to the world: git, the journal, logs and the machine's gauges; each file keeps one secret."""
