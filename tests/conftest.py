"""Makes the paper world importable to the tests of the loop as well as to those of the core. A property test
has no deadline: how long an example takes says more of the machine than of the program."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent / "core"))
settings.register_profile("wavetree", deadline=None)
settings.load_profile("wavetree")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits that it is ignored


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many as there are cores: the test of a whole run waits for processes more than it computes."""
    return 2 * (os.cpu_count() or 1)
