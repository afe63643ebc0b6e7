"""The story of six agents, the plan that most documents here are written of."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.plan import Plan
from engine.importers.loading import load

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"


@pytest.fixture(scope="session")
def six() -> Plan:
    return load(
        DOCUMENTS / "000_agent_dependency_analysis.yaml", DOCUMENTS / "000_file_conflict_analysis.yaml"
    )


@pytest.fixture(scope="session")
def documents() -> Path:
    return DOCUMENTS
