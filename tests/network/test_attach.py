"""DERs at named places: phases, connection and rated voltage as the bus has them."""

from __future__ import annotations

import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network.attach import with_generators_at, with_pv_at


def test_generators_on_all_phases_and_on_one():
    feeder = with_generators_at(load_feeder("ieee34"), ["844", "822.1"], [200.0, 50.0])
    whole, single = feeder.generators[-2:]
    assert (whole.name, whole.bus, whole.nodes, whole.connection, whole.rated_kva) == ("der_1", "844", (1, 2, 3, 0), "wye", 200.0)
    assert (single.nodes, single.rated_kva) == ((1, 0), 50.0)
    assert whole.kv == pytest.approx(24.9 / 3**0.5, rel=1e-3)


def test_pv_between_the_phases_of_a_three_wire_feeder():
    feeder = with_pv_at(load_feeder("ieee37"), ["701", "742.1.2"], [100.0, 10.0], [110.0, 11.0])
    assert [(pv.name, pv.nodes, pv.connection) for pv in feeder.pvs] == [
        ("pv_701", (1, 2, 3), "delta"),
        ("pv_742.1.2", (1, 2), "delta"),
    ]
    assert [(pv.rated_kw, pv.inverter_kva, pv.p_kw) for pv in feeder.pvs] == [(100.0, 110.0, 0.0), (10.0, 11.0, 0.0)]


def test_all_places_that_do_not_exist_are_named():
    with pytest.raises(InputError, match=r"(?s)'nowhere'.*'675\.7'"):
        with_pv_at(load_feeder("ieee13"), ["nowhere", "675.7"], [1.0, 1.0], [1.0, 1.0])
