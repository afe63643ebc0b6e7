"""Formats a plan can come in: one file each."""
