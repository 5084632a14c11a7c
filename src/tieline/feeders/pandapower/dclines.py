"""Lines of direct current of a pandapower net, as `runpp` has them: a generator at either end that holds a voltage.

The end that sends takes its power from the network; the other gives it back less a share and a fixed loss. As in `runpp` the
loss of a line that sends backwards is at its `from` end. An optimal power flow keeps both powers.
"""

from __future__ import annotations

from tieline.feeders.pandapower.net import Row, number


def ends_of(row: Row) -> dict[str, Row]:
    """Rows of the columns of `gen` for the two ends."""
    sent_mw = abs(number(row, "p_mw"))
    share = 1 - number(row, "loss_percent") / 100
    received_mw = sent_mw * share - number(row, "loss_mw")
    is_forth = number(row, "p_mw") > 0
    of_from = -sent_mw if is_forth else received_mw
    of_to = received_mw if is_forth else -sent_mw
    return {"from": _end(row, "from", of_from), "to": _end(row, "to", of_to)}


def _end(row: Row, end: str, p_mw: float) -> Row:
    return {
        "index": (end, row["index"]),
        "bus": row[f"{end}_bus"],
        "p_mw": p_mw,
        "vm_pu": row[f"vm_{end}_pu"],
        "min_q_mvar": row.get(f"min_q_{end}_mvar"),
        "max_q_mvar": row.get(f"max_q_{end}_mvar"),
        "controllable": False,
    }
