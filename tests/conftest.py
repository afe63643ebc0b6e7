"""Makes the paper world importable to the tests of the loop as well as to those of the core. A property test
has no deadline: how long an example takes says more of the machine than of the program."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent / "core"))
settings.register_profile("wavetree", deadline=None)
settings.load_profile("wavetree")


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many as there are cores: the test of a whole run waits for processes more than it computes."""
    return 2 * (os.cpu_count() or 1)
