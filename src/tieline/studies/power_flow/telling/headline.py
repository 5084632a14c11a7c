"""The answer of a power flow in one sentence, for the screen and the title of its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tieline.counted import counted
from tieline.settings.limits import kind_of
from tieline.studies.power_flow.flow import Flow
from tieline.studies.power_flow.telling.metrics import powers


def headline(feeder_name: str, broken_kinds: Iterable[str], loss_pct: float) -> str:
    """For example: Power flow of ieee13: high voltage at 3 places, losses 3.15 % of what is fed in.

    Args:
        feeder_name: of the feeder.
        broken_kinds: kind of each broken limit, as results name them, the most important kind first.
        loss_pct: of what comes in [%].
    """
    counts = Counter(broken_kinds)
    parts = []
    for kind, count in counts.items():
        parts.append(f"{kind_of(kind).words} at {counted(count, 'place')}")
    verdict = ", ".join(parts) or "no limit broken"
    return f"Power flow of {feeder_name}: {verdict}, losses {loss_pct:.2f} %"


def headline_of(flow: Flow) -> str:
    """The headline of a power flow that is solved."""
    kinds = [breach.kind.name for breach in flow.breaches]
    loss_pct = powers(flow.solution)["loss_pct"]
    return headline(flow.network.feeder.name, kinds, loss_pct)
