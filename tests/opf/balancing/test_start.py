"""Where a minute's feeder is linearised first: what is likely, as the minute before, else the cheapest offers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from minute_cases import ieee69_minute
from tieline.opf.balancing import clear
from tieline.opf.balancing.start import filled_kw, first_setpoints

pytest.importorskip("highspy")


def test_the_cheapest_offers_fill_what_called_ders_can_give() -> None:
    minute = ieee69_minute(45, 5, None)
    p_kw = filled_kw(minute)
    can_give = np.where(minute.chosen.any(axis=0), minute.p_max_kw, 0.0)
    assert (p_kw <= can_give + 1e-9).all()
    assert p_kw.sum() == pytest.approx(50)
    # without limits that bind, that is what the program decides but for losses
    assert p_kw == pytest.approx(clear(minute).p_kw, abs=0.5)


def test_demand_beyond_all_ders_takes_all_they_have() -> None:
    minute = ieee69_minute(1e4, 5, None)
    can_give = np.where(minute.chosen.any(axis=0), minute.p_max_kw, 0.0)
    by_first_region = minute.chosen[0]
    assert filled_kw(minute)[by_first_region] == pytest.approx(
        can_give[by_first_region]
    )


def test_what_is_likely_goes_before_the_minute_before() -> None:
    minute = ieee69_minute(45, 5, None)
    last = clear(ieee69_minute(20, 5, None))
    as_before, _ = first_setpoints(minute, last)
    assert as_before == pytest.approx(last.p_kw)
    likely = replace(minute, likely_kw=np.full(minute.n_ders, 1e6))
    at_limits, _ = first_setpoints(likely, last)
    can_give = np.where(minute.chosen.any(axis=0), minute.p_max_kw, 0.0)
    assert at_limits == pytest.approx(can_give)
