"""Transformers: windings, connections, leakage and taps fit together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tieline.feeders.checks.common import error, listing
from tieline.feeders.elements import Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

TAP_DUST = 1e-9
"""A tap that was computed as a multiple of its step may miss its limit by rounding."""


def check_windings(feeder: Feeder) -> Iterator[Finding]:
    """A transformer has one to three phases, two or more windings, and nodes for each phase of each winding."""
    for transformer in feeder.transformers:
        name = transformer.name
        if transformer.phases not in (1, 2, 3):
            yield error(
                "transformer",
                name,
                "PHASES",
                f"transformer '{name}' has {transformer.phases} phases.",
                "Give 1, 2 or 3.",
            )
            # how many nodes its windings need is not known
            continue
        if len(transformer.windings) < 2:
            message = (
                f"transformer '{name}' has {len(transformer.windings)} winding(s)."
            )
            yield error(
                "transformer", name, "WINDING_COUNT", message, "Give two or more."
            )
        for k, winding in enumerate(transformer.windings, start=1):
            if len(winding.nodes) != _nodes_needed(transformer, winding):
                yield _wrong_node_count(transformer, k)


def _nodes_needed(transformer: Transformer, winding: Winding) -> int:
    """Wye: the phases and the neutral. Delta: three corners, two for one phase."""
    if winding.connection == "wye":
        return transformer.phases + 1
    return 2 if transformer.phases == 1 else 3


def _wrong_node_count(transformer: Transformer, number: int) -> Finding:
    winding = transformer.windings[number - 1]
    where = f"winding {number} of transformer '{transformer.name}'"
    needed = f"a {winding.connection} winding of {transformer.phases} phase(s) has {_nodes_needed(transformer, winding)}"
    message = (
        f"{where} has the nodes {listing(winding.nodes) or '(none)'}, but {needed}."
    )
    return error(
        "transformer",
        transformer.name,
        "NODE_COUNT",
        message,
        "Wye lists phases and neutral, delta phases only.",
    )


def check_leakage(feeder: Feeder) -> Iterator[Finding]:
    """There is a leakage reactance per pair of windings, and no pair is without impedance."""
    for transformer in feeder.transformers:
        pairs = list(combinations(range(len(transformer.windings)), 2))
        if len(transformer.x_pct) != len(pairs):
            message = f"transformer '{transformer.name}' has {len(transformer.x_pct)} x_pct for {len(pairs)} pair(s) of windings."
            yield error(
                "transformer",
                transformer.name,
                "X_COUNT",
                message,
                "Give x_pct of the pairs (1,2), (1,3), ..., (2,3), ...",
            )
            # which number belongs to which pair is not known
            continue
        for (i, j), x_pct in zip(pairs, transformer.x_pct, strict=True):
            if (
                x_pct == 0
                and transformer.windings[i].r_pct + transformer.windings[j].r_pct == 0
            ):
                message = f"transformer '{transformer.name}' has no impedance between windings {i + 1} and {j + 1}."
                yield error(
                    "transformer",
                    transformer.name,
                    "ZERO_IMPEDANCE",
                    message,
                    "Give x_pct or r_pct; 0.01 will do.",
                )


def check_taps(feeder: Feeder) -> Iterator[Finding]:
    """The tap of a regulated winding lies within its limits, and its changer has steps; of others the tap is a mere ratio."""
    regulated = {
        (regulator.transformer, regulator.moved_winding)
        for regulator in feeder.regulators
    }
    for transformer in feeder.transformers:
        for k, winding in enumerate(transformer.windings, start=1):
            if (transformer.name, k) in regulated:
                yield from _tap_findings(transformer, k, winding)


def _tap_findings(
    transformer: Transformer, number: int, winding: Winding
) -> Iterator[Finding]:
    where = f"winding {number} of transformer '{transformer.name}'"
    if (
        not winding.tap_min - TAP_DUST <= winding.tap <= winding.tap_max + TAP_DUST
        or winding.tap_min >= winding.tap_max
    ):
        message = f"tap {winding.tap:g} of {where} is not within {winding.tap_min:g} to {winding.tap_max:g}."
        yield error(
            "transformer",
            transformer.name,
            "TAP_RANGE",
            message,
            "Correct tap, tap_min or tap_max.",
        )
    if winding.tap_steps < 1:
        message = f"the tap changer of {where} has {winding.tap_steps} steps, and a regulator moves it."
        yield error(
            "transformer",
            transformer.name,
            "TAP_STEPS",
            message,
            "Give 1 or more; 32 is usual.",
        )
