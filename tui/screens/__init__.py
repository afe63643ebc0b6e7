"""Textual screens: the dashboard and the sheets above it."""
