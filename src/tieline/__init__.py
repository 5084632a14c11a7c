"""tieline: coordinate distributed energy resources on distribution feeders, judged by an AC multi-phase power flow.

The names below are fetched from their folders when first used, so `import tieline` costs nothing: the command line prints its
help without loading a numerical library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tieline.feeders import Feeder, load_feeder, save_tables
    from tieline.network import Network
    from tieline.powerflow import Solution, solve
    from tieline.studies import Result, load_run, run_study

__version__ = "0.1.0"

__all__ = [
    "Feeder",
    "Network",
    "Result",
    "Solution",
    "load_feeder",
    "load_run",
    "run_study",
    "save_tables",
    "solve",
]

_HOME = {
    "Feeder": "tieline.feeders",
    "load_feeder": "tieline.feeders",
    "save_tables": "tieline.feeders",
    "Network": "tieline.network",
    "Solution": "tieline.powerflow",
    "solve": "tieline.powerflow",
    "Result": "tieline.studies",
    "load_run": "tieline.studies",
    "run_study": "tieline.studies",
}
"""Which folder each public name comes from."""


def __getattr__(name: str) -> Any:
    """The public name, imported from its folder; kept, so that this runs once per name."""
    if name not in _HOME:
        raise AttributeError(
            f"module 'tieline' has no attribute '{name}'. Public names: {', '.join(__all__)}."
        )
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names, for completion."""
    return [*__all__, "__version__"]
