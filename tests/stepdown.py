"""A source, transformers to 0.4 kV and a line behind them, for tests of topology."""

from __future__ import annotations

from tieline.feeders.elements import Bus, Line, LineCode, Source, Transformer, Winding
from tieline.feeders.feeder import Feeder

ALL = (1, 2, 3)


def unit(
    name: str, phases: int, kva: float, r_pct: float = 1.0, x_pct: float = 4.0
) -> Transformer:
    nodes = (*range(1, phases + 1), 0)
    windings = tuple(Winding(bus, nodes, "wye", 10.0, kva, r_pct) for bus in "st")
    return Transformer(name, phases, windings, (x_pct,))


def stepdown(*units: Transformer, equivalent: bool = False) -> Feeder:
    """Source at 10 kV, transformers to 0.4 kV, a line of 0.08 ohm behind them (0.5 pu on 1 MVA)."""
    code = LineCode("c", ((0.0,),), ((0.08,),), ((0.0,),))
    return Feeder(
        name="stepdown",
        buses=(Bus("s", ALL, 10.0), Bus("t", ALL, 0.4), Bus("u", (1,), 0.4)),
        sources=(Source("grid", "s", ALL, 10.0),),
        lines=(Line("tu", "t", "u", (1,), (1,), code, 1.0),),
        transformers=units,
        single_phase_equivalent=equivalent,
    )
