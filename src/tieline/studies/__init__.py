"""The questions tieline answers: for each a configuration, an answer and a report, side by side in one package.

Public: `run_study` answers one, `Result` is what it gives, `load_run` reads a run folder back. They are fetched when first used,
so that a command line can name configurations in its help without loading a numerical library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tieline.studies.result import Result, load_run
    from tieline.studies.shell import run_study

__all__ = ["Result", "load_run", "run_study"]

_HOME = {
    "Result": "tieline.studies.result",
    "load_run": "tieline.studies.result",
    "run_study": "tieline.studies.shell",
}

__all__ = ["run_study"]


def __getattr__(name: str) -> Any:
    """The public name, imported from its module; kept, so that this runs once per name."""
    if name not in _HOME:
        raise AttributeError(
            f"module 'tieline.studies' has no attribute '{name}'. Public names: {', '.join(__all__)}."
        )
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value
