"""What the other load model would change is said with its size, and only where somebody left the band."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import NotConvergedError
from tieline.network import Network
from tieline.powerflow import solve
from tieline.powerflow.load_models import compare_load_models


def test_says_how_many_left_the_band_and_what_that_changes() -> None:
    network = Network.from_feeder(
        two_bus(20000.0, 5000.0).replace(load_model="opendss-band")
    )
    banded, plain = solve(network), solve(network, load_model="zip")
    text = compare_load_models(banded)
    assert text is not None
    assert text.startswith(
        "1 load outside their voltage band; here such devices turn into impedances"
    )
    assert "With --load-model zip" in text
    assert f"up to {np.abs(banded.vm_pu - plain.vm_pu).max():.2g} pu" in text
    assert f"{plain.loss_kw[0]:.4g} kW instead of {banded.loss_kw[0]:.4g}" in text


def test_says_that_the_other_model_has_no_solution() -> None:
    network = Network.from_feeder(
        two_bus(120000.0, 50000.0).replace(load_model="opendss-band")
    )
    text = compare_load_models(solve(network))
    assert text is not None
    assert "With --load-model zip there is no solution." in text


def test_is_silent_inside_the_band_and_for_feeders_without_one() -> None:
    light = Network.from_feeder(two_bus(10.0, 0.0).replace(load_model="opendss-band"))
    assert compare_load_models(solve(light)) is None
    assert (
        compare_load_models(solve(Network.from_feeder(two_bus(20000.0, 5000.0))))
        is None
    )


def test_a_single_failure_names_the_model_that_has_an_answer() -> None:
    network = Network.from_feeder(two_bus(120000.0, 50000.0))
    with pytest.raises(
        NotConvergedError, match=r"With load_model='opendss-band' .* there is an answer"
    ):
        solve(network)


def test_a_single_failure_of_both_models_names_neither() -> None:
    network = Network.from_feeder(
        two_bus(120000.0, 50000.0, v_min_pu=0.0, v_low_pu=0.0)
    )
    with pytest.raises(NotConvergedError) as caught:
        solve(network)
    assert "load_model" not in str(caught.value)
