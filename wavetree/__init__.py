"""For scripts: batches of priorities from Python, under the names that the documents use (M205)."""

from wavetree.coordinator import ParallelExecutionCoordinator, generate_summary
from wavetree.notifications import NotificationManager

__all__ = ["NotificationManager", "ParallelExecutionCoordinator", "generate_summary"]
