"""What a story has where nobody said otherwise: gates, metrics, risks, fallbacks and who carries it out."""

from __future__ import annotations

from typing import Any

FALLBACKS: list[dict[str, Any]] = [
    {"strategy": "convert_to_sequential", "trigger": "multiple_conflicts_detected"},
    {"strategy": "isolate_conflicting_agents", "trigger": "single_agent_conflict"},
    {"strategy": "pause_and_manual_resolve", "trigger": "critical_conflict_detected"},
]
"""What is done when the conflict rules do not settle a conflict, by what brings it about."""

GATES: dict[str, Any] = {
    "per_agent_gates": [
        {
            "gate": "agent_completion_validation",
            "trigger": "agent_task_complete",
            "actions": ["validate_output", "check_conflicts", "update_progress"],
        }
    ],
    "per_block_gates": [
        {
            "gate": "block_completion_validation",
            "trigger": "all_block_agents_complete",
            "actions": ["integration_test", "conflict_resolution", "prepare_next_block"],
        }
    ],
    "overall_gates": [
        {
            "gate": "final_integration_validation",
            "trigger": "all_blocks_complete",
            "actions": ["full_system_test", "documentation_update", "github_sync"],
        }
    ],
}

METRICS: dict[str, Any] = {
    "efficiency_metrics": [
        {
            "metric": "time_savings",
            "calculation": "(sequential_time - parallel_time) / sequential_time * 100",
            "target": "> 30%",
        },
        {
            "metric": "agent_utilization",
            "calculation": "active_agent_time / total_execution_time",
            "target": "> 70%",
        },
    ],
    "quality_metrics": [
        {
            "metric": "conflict_rate",
            "calculation": "conflicts_detected / total_parallel_operations",
            "target": "< 5%",
        },
        {
            "metric": "fallback_rate",
            "calculation": "fallbacks_to_sequential / total_executions",
            "target": "< 10%",
        },
    ],
    "success_metrics": [
        {
            "metric": "completion_rate",
            "calculation": "successful_parallel_executions / total_attempts",
            "target": "> 95%",
        }
    ],
}

RISKS: dict[str, Any] = {
    "technical_risks": [
        {
            "risk": "Two agents change the same lines",
            "probability": "medium",
            "impact": "medium",
            "mitigation": "Declared files are compared before the start; a clash waits for a person",
        },
        {
            "risk": "A table changes under the work that uses it",
            "probability": "low",
            "impact": "high",
            "mitigation": "Work that needs a table starts after the table's own work is merged",
        },
    ],
    "process_risks": [
        {
            "risk": "An agent fails or stands still",
            "probability": "low",
            "impact": "medium",
            "mitigation": "It is stopped and tried again; what needs it waits, the rest goes on",
        }
    ],
    "business_risks": [
        {
            "risk": "Parts that were made side by side do not fit together",
            "probability": "low",
            "impact": "high",
            "mitigation": "Gates run on every merge candidate and after every wave",
        }
    ],
}

INTEGRATION: dict[str, dict[str, Any]] = {
    "coordinator_config": {"agent": "development-coordinator", "execution_mode": "smart_parallel"},
    "analyzer_config": {"agent": "parallel-analyzer"},
    "github_config": {
        "progress_updates": "per_block_completion",
        "conflict_reporting": "immediate",
        "metrics_tracking": "enabled",
    },
}

MONITORING = {"real_time_tracking": True, "conflict_detection": True, "performance_metrics": True}
"""The switches of a story; a false one turns its function off (M028)."""
