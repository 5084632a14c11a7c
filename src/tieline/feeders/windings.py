"""How the windings of a transformer are closed."""

from __future__ import annotations

from tieline.feeders.elements import Transformer


def delta_direction(transformer: Transformer) -> int:
    """Which way all deltas of a unit are closed: +1 as 1-2, 2-3, 3-1, or -1 the other way.

    Windings 1 and 2 decide, as in OpenDSS: where one is wye and one is delta, the one of lower voltage lags (or, if asked, leads)
    the other by 30 degrees. Of equal voltages winding 1 counts as the higher. Further windings follow. A delta of two phases is
    open, and has the first two branches of a closed one.
    """
    first, second = transformer.windings[:2]
    if transformer.phases < 2 or first.connection == second.connection:
        return 1
    high_side = first if first.kv >= second.kv else second
    lagging = 1 if high_side.connection == "wye" else -1
    return -lagging if transformer.low_side_leads else lagging
