"""What OpenDSS answers to a circuit, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

TOLERANCE = 1e-11
MOST_STEPS = 2000
MOST_CONTROL_ROUNDS = 200


@dataclass(frozen=True)
class Answer:
    """Volts of each node, power of the source, losses; taps and capacitor steps by the name of their control or bank."""

    converged: bool
    volts: dict[str, complex]
    source_kva: complex
    loss_kw: float
    taps: dict[str, int]
    steps: dict[str, int]


@lru_cache(maxsize=1)
def _engine() -> Any:
    """One context for all circuits: the engine keeps every context that it made."""
    import opendssdirect

    engine = opendssdirect.dss.NewContext()
    engine.Basic.AllowForms(False)
    engine.Basic.AllowChangeDir(False)
    return engine


def ask_opendss(file: Path, controls: str) -> Answer | None:
    """Solve a circuit with controls "static" or "off"; None where the engine rejects the file or cannot solve it."""
    import opendssdirect

    engine = _engine()
    try:
        engine.Text.Command("clear")
        engine.Text.Command(f'redirect "{file}"')
        engine.Text.Command(
            f"set tolerance={TOLERANCE} maxiterations={MOST_STEPS} maxcontroliter={MOST_CONTROL_ROUNDS}"
        )
        # setting a mode puts switches into their normal state
        engine.Text.Command(f"set mode=snap controlmode={controls}")
        engine.Solution.Solve()
        return _answer(engine)
    except opendssdirect.DSSException:
        return None


def _answer(engine: Any) -> Answer:
    volts = np.array(engine.Circuit.AllBusVolts()).view(np.complex128)
    return Answer(
        converged=bool(engine.Solution.Converged()) and bool(np.isfinite(volts).all()),
        volts={
            name.lower(): complex(volt)
            for name, volt in zip(engine.Circuit.AllNodeNames(), volts, strict=True)
        },
        source_kva=_source_kva(engine),
        loss_kw=float(engine.Circuit.Losses()[0]) / 1e3,
        taps={
            name: engine.RegControls.TapNumber() for name in _each(engine.RegControls)
        },
        steps={name: _steps_in(engine) for name in _each(engine.Capacitors)},
    )


def _source_kva(engine: Any) -> complex:
    """What sources of voltage deliver; `TotalPower` has in it what current sources give at their first terminal."""
    total = 0j
    for name in engine.Vsources.AllNames():
        engine.Circuit.SetActiveElement(f"vsource.{name}")
        powers = np.array(engine.CktElement.Powers()).view(np.complex128)
        total -= powers[: len(powers) // 2].sum()
    return complex(total)


def _steps_in(engine: Any) -> int:
    """Steps of the active bank; an open terminal leaves the states as they are."""
    return 0 if engine.CktElement.IsOpen(1, 1) else int(sum(engine.Capacitors.States()))


def _each(elements: Any) -> Iterator[str]:
    """Names of all elements of a class, each made the active one in its turn."""
    names = [name for name in elements.AllNames() if name.lower() != "none"]
    for name in names:
        elements.Name(name)
        yield name.lower()
