"""Section "What was assumed": the approximations behind the numbers."""

from __future__ import annotations

from tieline.reports.html import Section, Text
from tieline.studies.restoration.config import RestorationConfig


def assumed(config: RestorationConfig) -> Section:
    """One paragraph each."""
    return Section("What was assumed", [Text(text) for text in _texts(config)])


def _texts(config: RestorationConfig) -> list[str]:
    free_pct = 100 * config.shed_free_share
    return [
        f"{config.steps} steps of {config.step_minutes} min; demand does not change, and at the start no load is on. A load can "
        "be served in part, at its power factor.",
        f"A load may fall by {free_pct:g} % in a step for nothing; what falls beyond costs {config.shed_factor:g} times its "
        f"worth. A kWh from fuel costs as much as {config.generation_cost:g} kWh served.",
        "In each step sun and wind are measured before anybody decides; what comes after is known from a forecast only. The "
        "bound alone knows it.",
        "Droop units hold voltage and frequency and take what is left. Where one would leave its range, load is dropped by "
        "weight until it fits; an island that nobody can hold is dead for the rest.",
        "Steady states only: no inrush, no cold load pick-up, no switching. Every step is solved exactly.",
    ]
