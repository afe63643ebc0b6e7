"""What a run was, told from its journal alone: when each attempt did what, the metrics, the decisions."""
