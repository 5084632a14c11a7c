"""What `runpp_3ph` passes over in silence and is read here all the same, in one note."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.pandapower.devices import SHARE_COLUMNS
from tieline.feeders.pandapower.net import Net, Row, name_some, number

PASSED_OVER = ("storage", "motor", "ward")
"""Tables whose power it does not count."""

CONNECTIONS = ("wye", "delta")
"""Types of loads and static generators that it counts; a static generator of type "PV" is none."""


def note_differences(net: Net) -> None:
    """Say what makes the answer another than that of `runpp_3ph`."""
    parts = [*_passed_over(net), *_of_other_type(net), *_with_shares(net)]
    if parts:
        net.warn(
            "BEYOND_RUNPP_3PH",
            "net",
            f"runpp_3ph passes over some of what is read here: {'; '.join(parts)}.",
        )


def _passed_over(net: Net) -> Iterator[str]:
    for table in PASSED_OVER:
        names = [net.element_name(table, row) for row in net.rows(table)]
        if names:
            yield f"{table} {name_some(names)}"


def _of_other_type(net: Net) -> Iterator[str]:
    for table in ("load", "sgen"):
        names = [
            net.element_name(table, row)
            for row in net.rows(table)
            if row.get("type") not in CONNECTIONS
        ]
        if names:
            yield f"{table} {name_some(names)}, whose type is neither wye nor delta"


def _with_shares(net: Net) -> Iterator[str]:
    names = [
        net.element_name("load", row) for row in net.rows("load") if _has_shares(row)
    ]
    if names:
        yield f"the shares of constant impedance and current of load {name_some(names)}"


def _has_shares(row: Row) -> bool:
    return any(number(row, column) for column in SHARE_COLUMNS)
