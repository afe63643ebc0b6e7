"""The pure core: frozen data and functions on it; nothing here reads, writes, waits or sees a clock."""
