"""What is loaded is left out of the search for cycles; what comes later, and what is used no more, is freed as before."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import gc, weakref
from tieline.service.collector import set_aside_loaded

class Part:
    pass

early = Part()
gone = [weakref.ref(early)]
n_loaded = len(gc.get_objects())
set_aside_loaded()
assert gc.get_freeze_count() >= 0.9 * n_loaded
assert len(gc.get_objects()) < 0.1 * n_loaded
del early
late = Part()
late.itself = late
gone.append(weakref.ref(late))
del late
gc.collect()
print([part() for part in gone])
"""


def test_what_is_loaded_is_set_aside():
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert process.stdout == "[None, None]\n"
