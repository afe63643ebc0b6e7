"""Kinds of agents: one file each, with a contract they share."""
