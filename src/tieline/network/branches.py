"""The branches of a feeder: which two buses each joins, and its series impedance on 1 MVA.

A branch is a line, or a transformer from the bus of its first winding to each other bus it has a winding at. Impedances are per
unit on 1 MVA, because ohms do not add across voltage levels:

    line           |z| = |mean self - mean mutual impedance of the phase conductors| * length / (kv_ll^2 / 1 MVA)
    transformer    |z| = |r_1 + r_k + j x_1k| * 1 MVA / rated kVA of three phases

The line rule is exact for the positive sequence of a transposed three-phase line; a single-phase line counts with its self
impedance, which includes the return through ground. A single-phase transformer counts as one of a bank of three. Left out: tap
positions, and rated voltages that differ from the bus base.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from tieline.feeders.elements import Line, LineCode, Nodes, Transformer
from tieline.feeders.feeder import Feeder
from tieline.units import S_BASE_KVA, base_ohm

LINES_KEPT = 8192
"""Codes with the nodes they are used at: more than a feeder of 8500 nodes has lines."""

BranchKind = Literal["line", "switch", "transformer", "regulator"]


@dataclass(frozen=True, slots=True)
class Branch:
    """One connection between two buses; `impedance_pu` is its series impedance on 1 MVA.

    `length_km` is 0 for transformers and for lines without a known length.
    """

    kind: BranchKind
    name: str
    from_bus: str
    to_bus: str
    closed: bool
    length_km: float
    impedance_pu: complex

    @property
    def z_pu(self) -> float:
        """Magnitude of the series impedance [pu on 1 MVA]."""
        return abs(self.impedance_pu)


def branches(feeder: Feeder) -> tuple[Branch, ...]:
    """All branches, open ones too: lines first, then transformers, in the order of the feeder."""
    return (*_line_branches(feeder), *_transformer_branches(feeder))


def _line_branches(feeder: Feeder) -> Iterator[Branch]:
    for line in feeder.lines:
        kind: BranchKind = "switch" if line.is_switch else "line"
        z_pu = _line_impedance_pu(line, feeder.bus(line.from_bus).kv_ll)
        yield Branch(
            kind=kind,
            name=line.name,
            from_bus=line.from_bus,
            to_bus=line.to_bus,
            closed=line.closed,
            length_km=line.length_km or 0.0,
            impedance_pu=z_pu,
        )


def _transformer_branches(feeder: Feeder) -> Iterator[Branch]:
    regulated = {regulator.transformer for regulator in feeder.regulators}
    for transformer in feeder.transformers:
        kind: BranchKind = (
            "regulator" if transformer.name in regulated else "transformer"
        )
        first_bus = transformer.windings[0].bus
        reached = {first_bus}
        for k, winding in enumerate(transformer.windings):
            # a centre-tapped unit has two windings at one bus: one way there, not two
            if winding.bus in reached:
                continue
            reached.add(winding.bus)
            z_pu = _transformer_impedance_pu(
                transformer, k, feeder.single_phase_equivalent
            )
            yield Branch(
                kind=kind,
                name=transformer.name,
                from_bus=first_bus,
                to_bus=winding.bus,
                closed=True,
                length_km=0.0,
                impedance_pu=z_pu,
            )


def _line_impedance_pu(line: Line, kv_ll: float) -> complex:
    """Positive-sequence impedance of a line [pu on 1 MVA]."""
    z_ohm = (
        _positive_sequence_ohm_per_km(line.code, line.from_nodes)
        * line.impedance_factor
    )
    return z_ohm / base_ohm(kv_ll)


@lru_cache(maxsize=LINES_KEPT)
def _positive_sequence_ohm_per_km(code: LineCode, nodes: Nodes) -> complex:
    """Mean self minus mean mutual impedance of the phase conductors (all conductors, if none is a phase)."""
    phases = [k for k, node in enumerate(nodes) if node in (1, 2, 3)]
    if not phases:
        phases = list(range(len(nodes)))
    r = np.array(code.r_ohm_per_km)
    x = np.array(code.x_ohm_per_km)
    z = (r + 1j * x)[np.ix_(phases, phases)]
    count = len(phases)
    sum_of_self = np.trace(z)
    sum_of_mutual = z.sum() - sum_of_self
    n_mutual = max(count * (count - 1), 1)  # a single conductor has none: 0 / 1
    mean_self = sum_of_self / count
    mean_mutual = sum_of_mutual / n_mutual
    return complex(mean_self - mean_mutual)


def _transformer_impedance_pu(
    transformer: Transformer, k: int, is_equivalent: bool
) -> complex:
    """Leakage impedance between winding 1 and winding `k` (from 0) [pu on 1 MVA]."""
    first = transformer.windings[0]
    r_pct = first.r_pct + transformer.windings[k].r_pct
    z_pct = complex(r_pct, transformer.x_pct[k - 1])
    # a unit of one phase stands for a third of a bank
    n_units = 3 if transformer.phases == 1 and not is_equivalent else 1
    return z_pct / 100 * S_BASE_KVA / (n_units * first.kva)
