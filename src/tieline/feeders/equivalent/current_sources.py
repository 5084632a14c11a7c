"""Current sources of a single-phase equivalent: their positive sequence, that of phase 1.

    I_1 = 1/3 sum over the phases n of a^(n-1) I_n,      a = exp(j 120 degrees)

so that one of a single phase gives the power that it gave, spread over three phases. What is of another sequence is lost, as all
unbalance is; so is what flows into neutrals.

Source: C. L. Fortescue, "Method of symmetrical co-ordinates applied to the solution of polyphase networks", Trans. AIEE 37, 1918.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tieline.feeders.checks.common import PHASES
from tieline.feeders.elements import CurrentSource
from tieline.feeders.elements.grid import PHASE_STEP_DEG

DUST = 1e-9
"""Part of the current that rounding leaves of a source without positive sequence."""


def equivalent_current_sources(
    sources: Sequence[CurrentSource],
) -> Iterator[CurrentSource]:
    """Every source that has a positive sequence, at the one node of its bus."""
    for source in sources:
        current_a = _positive_sequence_a(source)
        if abs(current_a) > DUST * source.current_a:
            yield replace(
                source,
                nodes=(1,),
                current_a=abs(current_a),
                angle_deg=math.degrees(cmath.phase(current_a)),
                phase_angle_deg=None,
            )


def _positive_sequence_a(source: CurrentSource) -> complex:
    total_a = 0j
    for node, angle_deg in zip(source.nodes, source.angles_deg, strict=True):
        if node in PHASES:
            turned_deg = angle_deg + PHASE_STEP_DEG * (node - 1)
            total_a += cmath.rect(source.current_a, math.radians(turned_deg))
    return total_a / len(PHASES)
