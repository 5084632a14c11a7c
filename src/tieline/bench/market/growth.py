"""The growth curve: a minute with chosen DERs beside the program over all of them, on ever larger feeders.

DERs stand at as many places as are asked for; where there are more DERs than places, phases of a place get one too.
Without a policy for the feeder the cheapest DERs are chosen; a policy takes about as long. Lines are limited as everywhere.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from tieline.bench.kit.left_out import LeftOut, reason_from
from tieline.bench.market.days import day_run
from tieline.errors import TielineError
from tieline.feeders import Feeder, load_feeder
from tieline.network.network import Network
from tieline.network.sites import sites
from tieline.powerflow import solve
from tieline.studies.market.world.sellers import LOAD_MULTIPLE
from tieline.studies.result import Result
from tieline.studies.shell import run_study

FROM_HOUR = 18.0
TO_HOUR = 18.25
EVERY_MINUTES = 3
"""Five minutes of the evening, when demand departs most from the schedule; the first compiles and its time is not counted."""

ROUNDS = 3
"""Of a single power flow, of which the fastest counts."""


@dataclass(frozen=True)
class GrowthRow:
    """One feeder.

    Attributes:
        feeder: its name.
        nodes, ders, regions: how many.
        clear_ms: a whole minute with chosen DERs [ms].
        program_ms: of this, programs and replays [ms].
        full_lp_ms: the program over all DERs with its replays; None where it found no answer [ms].
        replay_ms: one power flow of the feeder, controls acting [ms].
        kept_pct: of the saving of the program over all DERs [%].
        violations: limits that the chosen DERs break on AC.
    """

    feeder: str
    nodes: int
    ders: int
    regions: int
    clear_ms: float
    program_ms: float
    full_lp_ms: float | None
    replay_ms: float
    kept_pct: float | None
    violations: int


def grow(name: str, n_ders: int) -> GrowthRow | LeftOut:
    """Clear a few minutes of a feeder with so many DERs, or say why that did not work."""
    feeder = load_feeder(name)
    try:
        result = run_study(
            "market",
            feeder=name,
            ders=ders_text(feeder, n_ders),
            choice="cheapest",
            from_hour=FROM_HOUR,
            to_hour=TO_HOUR,
            every_minutes=EVERY_MINUTES,
            # time is measured: the 8500-node feeder stands beyond 1.05 pu before any trade
            limits="en50160",
            optimum_every=1,
            # neither is on the curve, and each takes as long as hundreds of minutes
            ac_optimum=False,
            consensus_every=0,
            sampled_minutes=0,
        )
    except TielineError as error:
        return LeftOut(f"{n_ders} DERs", reason_from(error), feeder.name)
    return _row(feeder, n_ders, result)


def ders_text(feeder: Feeder, count: int) -> str:
    """So many DERs as the study is asked for them: places first, then phases of places, all of one size.

    Together they can give twice the load, as in the study where nothing is asked for.
    """
    places = _places(feeder)
    # a place with all its phases first: a DER of one phase unbalances the feeder
    places += [f"{bus}.{phase}" for bus in places for phase in _phases(feeder, bus)]
    size_kw = LOAD_MULTIPLE * feeder.peak_load_kw / count
    return ", ".join(f"{place}:{size_kw:.3f}" for place in places[:count])


def _places(feeder: Feeder) -> list[str]:
    """A bus of each place, that of the source left out."""
    names = [bus.name for bus in feeder.buses]
    first = [site[0] for site in sites(feeder, names)]
    return [bus for bus in first if bus != feeder.source.bus]


def _phases(feeder: Feeder, bus: str) -> list[int]:
    return [phase for phase in feeder.bus(bus).phases if phase in (1, 2, 3)]


def _row(feeder: Feeder, n_ders: int, result: Result) -> GrowthRow:
    day = day_run(result)
    # the first minute compiles, and begins without anything warm
    minutes = result.tables["minutes"].iloc[1:]
    full_ms = minutes["full_lp_ms"].dropna()
    return GrowthRow(
        feeder=feeder.name,
        nodes=len(Network.from_feeder(feeder).node_names),
        ders=n_ders,
        regions=int(result.number("microgrids")),
        clear_ms=float(minutes["clear_ms"].median()),
        program_ms=float(minutes["lp_ms"].median()),
        full_lp_ms=float(full_ms.median()) if len(full_ms) else None,
        replay_ms=1000 * _replay_s(feeder),
        kept_pct=day.kept_lp_pct,
        violations=day.violations,
    )


def _replay_s(feeder: Feeder) -> float:
    """One power flow, controls acting [s]."""
    network = Network.from_feeder(feeder)
    # the fastest: what else the machine does only ever adds
    fastest = float("inf")
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        solve(network)
        fastest = min(fastest, time.perf_counter() - began)
    return fastest
