"""`partition`: a feeder divided into microgrids, by its switches and its longest lines, without naming a bus.

1. Tie lines, the closed switches that carry all phases of the source, are borders.
2. A region grows over closed branches until a tie line, or a line of all phases whose positive-sequence |z| is above the coupling
   constraint phi. Transformers, regulators and lines of fewer phases stop no growth.
3. A border must have load on both sides: a branch with less than `smallest_pct` of the load before or behind it is none, however
   long it is, and a region between borders that has less is joined over its border of least impedance.

Either phi is chosen or the number of microgrids: then phi is the largest that gives as many, and all lines above it are cut. That
is |z| of the line to be crossed, read from eq. 31 of the source. The reading as path impedance from the root of a region does not
give the six microgrids of its 123-bus feeder at any value.

Left out: branches side by side between two buses (a double line) are never a border, which is one coupling line.

Source: M. Al-Saffar, P. Musilek, "Distributed optimization for distribution grids with stochastic DER using multi-agent deep
reinforcement learning", IEEE Access 9, 2021, sections III-A and IV, eq. 31.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from tieline.counted import counted
from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.network.branches import Branch
from tieline.network.partition.cuts import (
    branch_of_cut,
    join_short_parts,
    sum_behind,
)
from tieline.network.partition.power_centroids import load_kw_by_bus
from tieline.network.partition.regions import Partition, make_partition
from tieline.network.topology import Tree, tree_from_source

SMALLEST_PCT = 3.0
"""Least share of the load that makes a microgrid: at the published six of the 123-bus feeder the smallest has 9 %, and the ends
behind its normally open switches have none."""

NO_LOAD_KW = 1e-6
"""Less than any load, and more than the rounding of their sums."""


def partition(
    feeder: Feeder,
    *,
    microgrids: int | None = None,
    phi_pu: float | None = None,
    smallest_pct: float = SMALLEST_PCT,
) -> Partition:
    """Divide a radial feeder into microgrids.

    Args:
        feeder: a feeder that passed its checks.
        microgrids: how many; sets the coupling constraint to the largest value that gives as many.
        phi_pu: the coupling constraint itself, |z| above which a line stops growth [pu on 1 MVA].
        smallest_pct: share of the load that a microgrid must have [%].

    Returns:
        The regions and borders. With neither number and constraint the tie lines alone are borders.

    Raises:
        InputError: if the feeder is meshed or has no load, if both are asked for, or if no constraint gives as many microgrids;
            the message says which numbers are possible.
    """
    _require_numbers(microgrids, phi_pu, smallest_pct)
    choices = _choices(feeder, smallest_pct)
    if microgrids is not None:
        return _of_number(choices, microgrids)
    return _of_constraint(choices, inf if phi_pu is None else phi_pu)


def possible_borders(
    feeder: Feeder, smallest_pct: float = SMALLEST_PCT
) -> tuple[Branch, ...]:
    """Tie lines and lines of all phases with enough load before and behind them, walking from the source."""
    choices = _choices(feeder, smallest_pct)
    return tuple(branch_of_cut(choices.tree, cut) for cut in choices.possible)


@dataclass(frozen=True, eq=False)
class _Choices:
    """What a feeder may be cut at: ties are cut always, lines by their impedance."""

    feeder: Feeder
    tree: Tree
    load_behind_kw: dict[str, float]
    least_kw: float
    ties: tuple[str, ...]
    z_of_line: dict[str, float]

    @property
    def possible(self) -> tuple[str, ...]:
        return (*self.ties, *self.z_of_line)

    @property
    def steps_pu(self) -> list[float]:
        """The impedances at which the set of borders changes, falling."""
        return sorted(set(self.z_of_line.values()), reverse=True)

    def cuts(self, phi_pu: float) -> frozenset[str]:
        """The borders at a coupling constraint, small regions joined."""
        lines = [cut for cut, z_pu in self.z_of_line.items() if z_pu > phi_pu]
        all_cuts = [*self.ties, *lines]
        return join_short_parts(self.tree, all_cuts, self.load_behind_kw, self.least_kw)


def _choices(feeder: Feeder, smallest_pct: float) -> _Choices:
    tree = tree_from_source(feeder, must_be_radial=True)
    load_behind_kw = sum_behind(tree, load_kw_by_bus(feeder))
    total_kw = load_behind_kw[tree.order[0]]
    if total_kw <= 0:
        raise InputError(
            f"Feeder '{feeder.name}' has no load, and microgrids are made around loads. Give it loads first."
        )
    ties = []
    z_of_line = {}
    # a part without load is no microgrid even where any share will do
    least_kw = max(smallest_pct / 100 * total_kw, NO_LOAD_KW)
    for cut, branch in _coupling_lines(feeder, tree):
        smaller_side = min(load_behind_kw[cut], total_kw - load_behind_kw[cut])
        if smaller_side < least_kw:
            continue
        # a tie line is a border whatever its impedance: that of a switch stands for none
        if branch.kind == "switch":
            ties.append(cut)
        else:
            z_of_line[cut] = branch.z_pu
    return _Choices(feeder, tree, load_behind_kw, least_kw, tuple(ties), z_of_line)


def _coupling_lines(feeder: Feeder, tree: Tree) -> Iterator[tuple[str, Branch]]:
    """Steps of the tree that are one line or switch with all phases of the source."""
    source_phases = {1, 2, 3}.intersection(feeder.source.nodes)
    lines = {line.name: line for line in feeder.lines}
    for bus in tree.order[1:]:
        # of a double line both would have to be opened: it couples too well to be a border
        branches = tree.branches[bus]
        is_line = len(branches) == 1 and branches[0].kind in ("line", "switch")
        if is_line and source_phases.issubset(lines[branches[0].name].from_nodes):
            yield bus, branches[0]


def _of_constraint(choices: _Choices, phi_pu: float) -> Partition:
    steps = choices.steps_pu
    low = max((z_pu for z_pu in steps if z_pu <= phi_pu), default=0.0)
    high = min((z_pu for z_pu in steps if z_pu > phi_pu), default=inf)
    cuts = choices.cuts(phi_pu)
    return make_partition(choices.feeder, choices.tree, cuts, phi_pu, (low, high))


def _of_number(choices: _Choices, microgrids: int) -> Partition:
    """Let the constraint fall from line to line until there are as many regions."""
    steps = choices.steps_pu
    numbers = set()
    for high, low in zip([inf, *steps], [*steps, 0.0], strict=True):
        cuts = choices.cuts(low)
        n_regions = len(cuts) + 1
        numbers.add(n_regions)
        if n_regions == microgrids:
            # the middle of the range gives the same when it is typed back with a few digits
            phi_pu = (low + high) / 2
            return make_partition(
                choices.feeder, choices.tree, cuts, phi_pu, (low, high)
            )
    raise InputError(_number_message(choices, microgrids, numbers))


def _number_message(choices: _Choices, microgrids: int, numbers: set[int]) -> str:
    possible = ", ".join(str(number) for number in sorted(numbers))
    ties = counted(len(choices.ties), "tie line")
    lines = counted(len(choices.z_of_line), "line")
    is_too_few = microgrids < min(numbers)
    change = "higher share, up to 50 %," if is_too_few else "lower share"
    effect = "joins more of them" if is_too_few else "allows more of them"
    return (
        f"Feeder '{choices.feeder.name}' cannot be divided into {microgrids} microgrids. Its borders are {ties}, always, and "
        f"{lines} of all phases as the coupling constraint falls. Possible numbers: {possible}. A {change} of the load for the "
        f"smallest microgrid (smallest_pct, --smallest-pct) {effect}."
    )


def _require_numbers(
    microgrids: int | None, phi_pu: float | None, smallest_pct: float
) -> None:
    """All that is wrong with what was asked, together."""
    problems = []
    if microgrids is not None and phi_pu is not None:
        problems.append(
            "Give either the number of microgrids or the coupling constraint phi_pu, not both: one follows from the other."
        )
    if microgrids is not None and microgrids < 1:
        problems.append(f"The number of microgrids is {microgrids}; give at least 1.")
    if phi_pu is not None and not phi_pu > 0:
        problems.append(
            f"The coupling constraint phi_pu is {phi_pu:g}; give an impedance above 0 [pu on 1 MVA]."
        )
    if not 0 <= smallest_pct < 100:
        problems.append(
            f"The share of load of the smallest microgrid is {smallest_pct:g} %; give 0 to below 100."
        )
    if problems:
        raise InputError("\n".join(problems))
