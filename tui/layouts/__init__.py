"""Text layouts of plans, as the documents that teams know have them: pure functions from a plan to lines."""
