"""Scheduling jobs with precedences on resources of limited capacity (RCPSP): a dispatch and a search."""

from engine.core.scheduling.dispatching import dispatch
from engine.core.scheduling.problem import Problem
from engine.core.scheduling.search import Schedule, solve

__all__ = ["Problem", "Schedule", "dispatch", "solve"]
