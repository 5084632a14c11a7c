"""Every study of the catalogue has its parts, and a headline that is made without the library of figures."""

from __future__ import annotations

import subprocess
import sys

HEADLINES = """
import sys
from importlib import import_module
from tieline.studies.catalogue import STUDIES, TRAININGS
for study in [*STUDIES.values(), *TRAININGS.values()]:
    assert callable(import_module(f"{study.package}.headline").headline), study.name
assert "plotly" not in sys.modules
"""


def test_headlines_need_no_figures() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HEADLINES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
