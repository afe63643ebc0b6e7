"""Textual widgets that paint lines."""
