"""Makes the paper world importable to the tests of the loop as well as to those of the core."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "core"))
