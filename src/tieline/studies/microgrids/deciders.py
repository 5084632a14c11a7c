"""Who decides: the names that `--deciders` takes, what each is called, and in which cases it is asked unasked.

    central            optimum of all steps together, with perfect knowledge: what all others are held against
    central-windows    the same in windows that move on by a step
    safe               learned policies, one for each microgrid, with a safety step where a limit would break
    merit, merit-safe  each device by itself against the price; with the safety step
    rule               by the time of use
    unconstrained-some, unconstrained-generators    the optimum without limits of generators, in some microgrids or in all
    unconstrained      without any limit, of generators and of the network
    learned, learned-some, learned-generators, learned-unlimited    policies learned on the very window, with the same limits

A day in windows takes some hundred programs, and what a day without limits would earn says little: neither is asked unasked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Scope = Literal["all", "some", "generators", "none"]

HOURS = frozenset({"paper-window", "peak-window"})
ALL = HOURS | {"day", "held-out", "own"}
PEAK = frozenset({"peak-window"})

NO_POLICY = -1
"""In place of the seed of policies, for who has none."""

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
        Decider(SAFE, "learned policies with safety step", ALL),
        Decider("merit", "merit order", ALL),
        Decider("merit-safe", "merit order with safety step", ALL),
        Decider("rule", "rule by time of use", ALL),
        Decider("unconstrained-some", "no limit of generators in some", PEAK),
        Decider("unconstrained-generators", "no limit of generators", PEAK),
        Decider("unconstrained", "no limit at all", PEAK),
        Decider("learned", "learned on this window", HOURS),
        Decider("learned-some", "learned, no limit of generators in some", PEAK),
        Decider("learned-generators", "learned, no limit of generators", PEAK),
        Decider("learned-unlimited", "learned, no limit at all", PEAK),
    )
}
"""By name, in the order of tables."""

UNCONSTRAINED = ("unconstrained-some", "unconstrained-generators", "unconstrained")
"""Those without some limits; they have perfect knowledge too."""


LEARNED: Mapping[str, Scope] = {
    "learned": "all",
    "learned-some": "some",
    "learned-generators": "generators",
    "learned-unlimited": "none",
}
"""Those who learn on the window, with the limits that hold (`training.one_window`)."""


def asked_deciders(case: str, names: tuple[str, ...] | None) -> list[Decider]:
    """Those who are named, else those that the case is made for, in the order of tables."""
    deciders = list(DECIDERS.values())
    if names is None:
        return [decider for decider in deciders if case in decider.cases]
    return [decider for decider in deciders if decider.name in names]


def has_safety_step(name: str) -> bool:
    """Whether a safety step stands behind a decider."""
    return "safe" in name.split("-")
