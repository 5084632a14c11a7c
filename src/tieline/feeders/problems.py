"""Is a feeder sound? Every check runs, every finding is reported at once.

Errors are things that no power flow can make sense of; warnings are things that it can, but that look like a slip. The checks
stand in `checks/`, one small function each; to add one, write it there and name it in `CHECKS`. Codes are stable: WHERE.WHAT, for
example LOAD.PHASE_MISSING. Left out: whether the power flow has a solution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tieline.feeders.checks import controls, devices, impedances, lines, names, nodes, numbers, supply, transformers
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding

Check = Callable[[Feeder], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    names.check_unique_names,
    names.check_name_form,
    names.check_line_code_names,
    numbers.check_finite,
    numbers.check_above_zero,
    numbers.check_windings_above_zero,
    numbers.check_not_below_zero,
    numbers.check_frequency,
    nodes.check_bus_phases,
    nodes.check_single_phase_equivalent,
    nodes.check_buses_exist,
    nodes.check_nodes_exist,
    nodes.check_nodes_differ,
    nodes.check_device_node_count,
    nodes.check_source_nodes,
    lines.check_line_ends,
    lines.check_line_matrices,
    lines.check_line_impedance,
    lines.check_line_voltages,
    impedances.check_negative_impedances,
    impedances.check_small_impedances,
    impedances.check_large_impedances,
    transformers.check_windings,
    transformers.check_leakage,
    transformers.check_taps,
    controls.check_regulators,
    controls.check_remote_buses,
    controls.check_capacitor_controls,
    devices.check_zip_shares,
    devices.check_rated_voltages,
    devices.check_capacitor_steps,
    devices.check_storage_state,
    supply.check_source_count,
    supply.check_supply,
    supply.check_neutrals,
)
"""All checks, in the order in which their findings are listed."""


def find_problems(feeder: Feeder) -> list[Finding]:
    """Everything that is wrong or odd about a feeder, errors and warnings; an empty list if nothing is. Never raises."""
    return [finding for check in CHECKS for finding in check(feeder)]


def require_sound(feeder: Feeder) -> Feeder:
    """The feeder itself, with the warnings among its notes; raises `FeederError` with every error if there is one."""
    findings = find_problems(feeder)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise FeederError(feeder.name, errors)
    new = [finding for finding in findings if finding not in feeder.notes]
    return feeder.replace(notes=(*feeder.notes, *new)) if new else feeder
