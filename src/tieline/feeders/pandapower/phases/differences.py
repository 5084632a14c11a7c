"""What `runpp_3ph` passes over in silence and is read here all the same, in one note."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.pandapower.devices import SHARE_COLUMNS
from tieline.feeders.pandapower.net import Net, Row, name_some, number
from tieline.feeders.pandapower.phases.lacking import vector_group

PASSED_OVER = ("storage", "motor", "ward")
"""Tables whose power it does not count."""

CONNECTIONS = ("wye", "delta")
"""Types of loads and static generators that it counts; a static generator of type "PV" is none."""


def note_differences(net: Net) -> None:
    """Say what makes the answer another than that of `runpp_3ph`."""
    parts = [*_passed_over(net), *_of_other_type(net), *_with_shares(net)]
    _note_zigzag(net)
    if parts:
        net.warn(
            "BEYOND_RUNPP_3PH",
            "net",
            f"runpp_3ph passes over some of what is read here: {'; '.join(parts)}.",
        )


def _note_zigzag(net: Net) -> None:
    """Of Yzn `runpp_3ph` takes the admittance to ground times sn_mva of the net, which is a mere base."""
    sn_mva = float(net.raw.get("sn_mva", 1.0))
    names = [
        net.element_name("trafo", row)
        for row in net.rows("trafo")
        if vector_group(row) == "yzn"
    ]
    if names and sn_mva != 1:
        message = f"runpp_3ph takes its zero sequence {sn_mva:g} times, the net's sn_mva; here it counts once."
        where = f"trafo {name_some(names)}"
        net.warn("ZIGZAG_BASE", where, message, "Set net.sn_mva to 1 to compare.")


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
