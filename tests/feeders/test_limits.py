"""Limits that fit a feeder: by its frequency or voltages, what its buses state, and a published case before both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.limits import Fitting, standard_of, with_limits_of
from tieline.settings.limits import Limits
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig

BY_FREQUENCY = "because the feeder has"


def at(kv_ll: float, frequency_hz: float, is_assumed: bool = False) -> Feeder:
    """Two buses of a voltage."""
    feeder = two_bus()
    buses = tuple(replace(bus, kv_ll=kv_ll) for bus in feeder.buses)
    return feeder.replace(
        buses=buses, frequency_hz=frequency_hz, frequency_is_assumed=is_assumed
    )


def stating(*bands: tuple[float | None, float | None]) -> Feeder:
    """A bus at the source that holds 1 pu, and a bus for each band."""
    feeder = two_bus()
    at_source = replace(feeder.buses[0], v_low_limit_pu=1.0, v_high_limit_pu=1.0)
    others = [
        replace(
            feeder.buses[1],
            name=f"b{k}",
            v_low_limit_pu=low_pu,
            v_high_limit_pu=high_pu,
        )
        for k, (low_pu, high_pu) in enumerate(bands)
    ]
    return feeder.replace(buses=(at_source, *others))


def numbers(feeder: Feeder, **values: object) -> Limits:
    config, _ = with_limits_of(feeder, HostingCapacityConfig(**values))  # type: ignore[arg-type]
    return config.limit_numbers


@pytest.mark.parametrize(
    ("feeder", "profile", "because"),
    [
        (at(12.47, 60.0), "ansi-a", f"{BY_FREQUENCY} 60 Hz"),
        (at(12.47, 50.0), "en50160", f"{BY_FREQUENCY} 50 Hz"),
        (at(0.4, 60.0), "ansi-a", f"{BY_FREQUENCY} 60 Hz"),
        # 12.66 kV: 1.5 % above 12.47 kV, 15 % above 11 kV
        (at(12.66, 50.0, True), "ansi-a", "because its file states no frequency"),
        (at(0.41, 50.0, True), "en50160", "because its file states no frequency"),
        (at(20.5, 50.0, True), "ansi-a", "nearest to 20.78 kV, a voltage of 60 Hz"),
        (at(20.0, 50.0, True), "en50160", "nearest to 20 kV, a voltage of 50 Hz"),
        (at(11.0, 400.0), "en50160", "its frequency of 400 Hz is neither 50 nor 60"),
    ],
)
def test_the_standard_is_that_of_the_frequency_or_else_of_the_nearest_voltage(
    feeder: Feeder, profile: str, because: str
) -> None:
    fitting = standard_of(feeder)
    assert fitting.profile == profile
    assert because in fitting.because


def test_the_bundled_feeders_of_the_literature_state_no_frequency() -> None:
    assert load_feeder("ieee33").frequency_is_assumed
    assert standard_of(load_feeder("ieee123")) == Fitting(
        "ansi-a", "because the feeder has 60 Hz"
    )


def test_both_standards_are_of_voltages_and_ratings_are_kept_beside_them() -> None:
    assert numbers(at(0.4, 50.0)) == Limits(
        highest_pu=1.1,
        lowest_pu=0.9,
        line_pct=100.0,
        transformer_pct=100.0,
        unbalance_pct=2.0,
    )
    given = numbers(at(0.4, 50.0), highest_pu=1.06, line_pct="off")
    assert (given.highest_pu, given.lowest_pu, given.line_pct) == (1.06, 0.9, None)


def test_a_profile_that_is_named_stays_as_it_is() -> None:
    config = HostingCapacityConfig(limits="disco")
    assert with_limits_of(at(0.4, 50.0), config) == (config, "")


def test_what_all_buses_state_goes_before_the_standard() -> None:
    feeder = stating((0.9, 1.08), (0.9, 1.08))
    assert numbers(feeder).band_pu == (0.9, 1.08)
    assert numbers(feeder, highest_pu=1.04).band_pu == (0.9, 1.04)
    # one side stated: the other is the standard's
    assert numbers(stating((None, 1.08))).band_pu == (0.95, 1.08)


def test_bands_that_differ_are_kept_by_an_optimum_and_told_of_elsewhere() -> None:
    feeder = stating((0.9, 1.08), (0.95, 1.05))
    config, because = with_limits_of(feeder, HostingCapacityConfig())
    assert config.limit_numbers.band_pu == (0.95, 1.05)
    assert "only an optimal power flow keeps each" in because
    optimum, _ = with_limits_of(feeder, OptimalPowerFlowConfig())
    assert (optimum.limits, optimum.band_pu) == ("feeder", (None, None))
    assert optimum.limit_numbers.line_pct == 100.0


def test_a_published_case_keeps_its_number_on_its_own_feeder_alone() -> None:
    published, because = with_limits_of(load_feeder("ieee33"), BatteryConfig())
    assert (published.critical_pu, because) == (
        1.045,
        "those of the study's published case",
    )
    other, _ = with_limits_of(load_feeder("ieee69"), BatteryConfig())
    assert other.critical_pu == 1.05


def test_numbers_are_refused_before_a_feeder_is_known() -> None:
    with pytest.raises(InputError, match="have no numbers before a feeder is known"):
        _ = HostingCapacityConfig().limit_numbers
    # nothing is left for a feeder to say
    assert BatteryConfig(highest_pu=1.02).critical_pu == 1.02


def test_numbers_of_a_feeder_that_do_not_fit_a_flag_are_refused() -> None:
    with pytest.raises(InputError, match=r"is not below highest_pu .1.05."):
        numbers(at(12.47, 60.0), lowest_pu=1.06)
