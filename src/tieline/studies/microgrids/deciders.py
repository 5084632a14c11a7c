"""Who decides: the names that `--deciders` takes, what each is called, and in which cases it is asked unasked.

    central            optimum of all steps together, with perfect knowledge: what all others are held against
    central-windows    the same in windows that move on by a step
    safe               learned policies, one for each microgrid, with a safety step where a limit would break
    merit, merit-safe  each device by itself against the price; with the safety step
    rule               by the time of use
    free-generators-*  the optimum without limits of generators, in some microgrids or in all; free-all without any limit

A day in windows takes some hundred programs, and what a day without limits would earn says little: neither is asked unasked.
"""

from __future__ import annotations

from dataclasses import dataclass

HOURS = frozenset({"paper-window", "peak-window"})
ALL = HOURS | {"day", "held-out"}
PEAK = frozenset({"peak-window"})

CENTRAL = "central"
SAFE = "safe"


@dataclass(frozen=True)
class Decider:
    """One who decides.

    Attributes:
        name: as it is typed.
        words: as pages call it.
        cases: in which it is asked if nobody is named.
    """

    name: str
    words: str
    cases: frozenset[str]

    @property
    def suffix(self) -> str:
        """What the names of its metrics end with: nothing for the policies, which the study is about."""
        return "" if self.name == SAFE else f"_{self.name.replace('-', '_')}"


DECIDERS = {
    decider.name: decider
    for decider in (
        Decider(CENTRAL, "central optimum", ALL),
        Decider("central-windows", "central optimum by windows", HOURS),
        Decider("merit", "merit order", ALL),
        Decider("rule", "rule by time of use", ALL),
        Decider("free-generators-some", "no limit of generators in some", PEAK),
        Decider("free-generators", "no limit of generators", PEAK),
        Decider("free-all", "no limit at all", PEAK),
    )
}
"""By name, in the order of tables."""

FREE = ("free-generators-some", "free-generators", "free-all")
"""Those without some limits; they have perfect knowledge too."""


def asked_deciders(case: str, names: tuple[str, ...] | None) -> list[Decider]:
    """Those who are named, else those that the case is made for, in the order of tables."""
    if names is None:
        return [decider for decider in DECIDERS.values() if case in decider.cases]
    return [decider for decider in DECIDERS.values() if decider.name in names]
