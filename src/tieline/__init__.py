"""tieline: coordinate distributed energy resources on distribution feeders, judged by an AC multi-phase power flow.

The names below are fetched from their folders when first used, so `import tieline` costs nothing: the command line prints its
help without loading a numerical library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.feeders import Feeder, load_feeder, save_tables
    from tieline.feeders.elements import (
        Bus,
        Capacitor,
        CurrentSource,
        Generator,
        InverterControl,
        Line,
        LineCode,
        Load,
        Pv,
        Regulator,
        Shunt,
        Source,
        Storage,
        Transformer,
        Winding,
    )
    from tieline.network import Network
    from tieline.powerflow import Solution, Solver, solve
    from tieline.reports.plots import Plot, plot_feeder, plot_voltages
    from tieline.studies import Result, load_run, run_study

__version__ = "0.1.0"

__all__ = [
    "Bus",
    "Capacitor",
    "CurrentSource",
    "Feeder",
    "Generator",
    "InverterControl",
    "Line",
    "LineCode",
    "Load",
    "Network",
    "Plot",
    "Pv",
    "Regulator",
    "Result",
    "Shunt",
    "Solution",
    "Solver",
    "Source",
    "Storage",
    "Transformer",
    "Winding",
    "load_feeder",
    "load_run",
    "plot_feeder",
    "plot_voltages",
    "run_study",
    "save_tables",
    "solve",
]

_ELEMENTS = "tieline.feeders.elements"

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Feeder": "tieline.feeders",
        "Bus": _ELEMENTS,
        "Capacitor": _ELEMENTS,
        "CurrentSource": _ELEMENTS,
        "Generator": _ELEMENTS,
        "InverterControl": _ELEMENTS,
        "Line": _ELEMENTS,
        "LineCode": _ELEMENTS,
        "Load": _ELEMENTS,
        "Pv": _ELEMENTS,
        "Regulator": _ELEMENTS,
        "Shunt": _ELEMENTS,
        "Source": _ELEMENTS,
        "Storage": _ELEMENTS,
        "Transformer": _ELEMENTS,
        "Winding": _ELEMENTS,
        "load_feeder": "tieline.feeders",
        "save_tables": "tieline.feeders",
        "Network": "tieline.network",
        "Solution": "tieline.powerflow",
        "Solver": "tieline.powerflow",
        "solve": "tieline.powerflow",
        "Plot": "tieline.reports.plots",
        "plot_feeder": "tieline.reports.plots",
        "plot_voltages": "tieline.reports.plots",
        "Result": "tieline.studies",
        "load_run": "tieline.studies",
        "run_study": "tieline.studies",
    },
)
