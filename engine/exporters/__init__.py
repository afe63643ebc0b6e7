"""Plans, states and results written in the formats that other tools read."""
