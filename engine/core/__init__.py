"""The pure core: frozen data and functions from it to new data; nothing here reads, writes, waits or looks at a clock."""
