"""Is a feeder sound? Every check runs, every finding is reported at once.

Errors are things that no power flow can make sense of; warnings are things that it can, but that look like a slip. The checks
stand in `checks/`, one small function each; to add one, write it there and name it here. Codes are stable: WHERE.WHAT, for
example LOAD.PHASE_MISSING. Left out: whether the power flow has a solution.

Checks stand in three groups, because a fault of one kind makes false followers of another. Nothing else is looked at while a
field holds something of the wrong type. Supply is not traced while the buses, sources, lines or transformers that bring it have
errors of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tieline.feeders.checks import (
    controls,
    devices,
    held_voltages,
    impedances,
    inverters,
    lines,
    names,
    nodes,
    numbers,
    phases,
    shapes,
    supply,
    transformers,
    types,
)
from tieline.feeders.feeder import Feeder, require_feeder
from tieline.feeders.findings import FeederError, Finding, group_warnings

Check = Callable[[Feeder], Iterable[Finding]]

TYPE_CHECKS: tuple[Check, ...] = (types.check_types,)

ELEMENT_CHECKS: tuple[Check, ...] = (
    names.check_unique_names,
    names.check_name_form,
    names.check_line_code_names,
    numbers.check_finite,
    numbers.check_above_zero,
    numbers.check_windings_above_zero,
    numbers.check_not_below_zero,
    numbers.check_source_voltage,
    numbers.check_frequency,
    nodes.check_bus_phases,
    nodes.check_single_phase_equivalent,
    nodes.check_buses_exist,
    nodes.check_nodes_exist,
    nodes.check_nodes_differ,
    nodes.check_device_node_count,
    nodes.check_source_nodes,
    nodes.check_current_source_nodes,
    phases.check_neutral_is_no_phase,
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
    inverters.check_inverter_controls,
    devices.check_zip_shares,
    devices.check_rated_voltages,
    devices.check_source_rating,
    devices.check_limits,
    devices.check_capacitor_steps,
    devices.check_storage_state,
    held_voltages.check_held_voltages,
    shapes.check_shape_points,
    shapes.check_shapes_exist,
    supply.check_source_count,
)

SUPPLY_CHECKS: tuple[Check, ...] = (
    supply.check_supply,
    supply.check_current_sources_settled,
    supply.check_neutrals,
)

CHECKS = (*TYPE_CHECKS, *ELEMENT_CHECKS, *SUPPLY_CHECKS)
"""All checks, in the order in which their findings are listed."""

SUPPLY_KINDS = (
    "BUS",
    "SOURCE",
    "CURRENT_SOURCE",
    "LINE",
    "LINE_CODE",
    "TRANSFORMER",
)
"""Where errors stand that make it idle to trace supply."""


def find_problems(feeder: Feeder) -> list[Finding]:
    """Everything that is wrong or odd about a feeder, errors and warnings; an empty list if nothing is. Never raises."""
    return list(feeder.problems)


def require_sound(feeder: Feeder) -> Feeder:
    """The feeder itself, with the warnings among its notes, those of one kind as one.

    Raises:
        FeederError: with every error, if there is one.
        InputError: if it is no `Feeder`.
    """
    require_feeder(feeder)
    errors = [finding for finding in feeder.problems if finding.severity == "error"]
    if errors:
        raise FeederError(feeder.name, errors)
    warnings = group_warnings(feeder.problems)
    # checked before, perhaps before it was saved: its notes hold them already
    if set(warnings) <= set(feeder.notes):
        return feeder
    # a note of the same code speaks of an earlier state of the feeder
    renewed = {warning.code for warning in warnings}
    return feeder.with_notes(
        (*(note for note in feeder.notes if note.code not in renewed), *warnings)
    )


def run_checks(feeder: Feeder) -> list[Finding]:
    """The findings of all checks that can be trusted, each once. Ask for `Feeder.problems`, which keeps them."""
    of_types = _findings(feeder, TYPE_CHECKS)
    if of_types:
        return of_types
    of_elements = _findings(feeder, ELEMENT_CHECKS)
    if any(
        finding.severity == "error" and _where(finding) in SUPPLY_KINDS
        for finding in of_elements
    ):
        return of_elements
    return of_elements + _findings(feeder, SUPPLY_CHECKS)


def _findings(feeder: Feeder, checks: tuple[Check, ...]) -> list[Finding]:
    """The findings of some checks; a fault at both ends of a line is one finding."""
    return list(dict.fromkeys(finding for check in checks for finding in check(feeder)))


def _where(finding: Finding) -> str:
    return finding.code.partition(".")[0]
