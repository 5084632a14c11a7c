"""What every linear model does the same way: batches, maps, gradients of losses, and bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest

from builders import random_feeder, with_pvs
from tieline.errors import InputError, ShapeError
from tieline.feeders import Feeder, load_feeder
from tieline.linear import LinearModel, dc, lindistflow, lpf
from tieline.linear import model as model_module
from tieline.linear.model import Input, Output
from tieline.network import Network

ROUNDING_KW = 1e-4
"""Flow through a switch of almost no impedance, which is a difference of voltages times 1e7, is good to about 1e-5 kW."""

INPUTS: tuple[Input, ...] = ("load_kw", "load_kvar", "der_kw", "der_kvar")


MODELS: dict[str, tuple[Callable[[Network], LinearModel], Feeder]] = {
    "lpf": (lpf, with_pvs(load_feeder("ieee33"), 3)),
    "dc": (dc, with_pvs(load_feeder("ieee33"), 3)),
    "lindistflow, one phase": (lindistflow, with_pvs(load_feeder("ieee33"), 3)),
    "lindistflow, three phases": (lindistflow, with_pvs(random_feeder(2, 14), 3)),
    "lindistflow, regulators and deltas": (
        lindistflow,
        with_pvs(load_feeder("ieee13"), 3),
    ),
}


@pytest.fixture(params=MODELS.values(), ids=list(MODELS))
def model(request: pytest.FixtureRequest) -> LinearModel:
    make, feeder = request.param
    return make(Network.from_feeder(feeder))


def draw(model: LinearModel, count: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    loads, ders = model.network.devices.n_loads, len(model.network.feeder.ders)
    sizes = {"load_kw": loads, "load_kvar": loads, "der_kw": ders, "der_kvar": ders}
    return {
        name: random.uniform(0.0, 20.0, (count, size)) for name, size in sizes.items()
    }


def test_a_batch_is_its_scenarios_one_by_one(model: LinearModel) -> None:
    inputs = draw(model, 150)  # more than are solved together
    batch = model.evaluate(**inputs)
    assert batch.vm_pu.shape == (150, len(model.points.names))
    assert batch.p_kw.shape == (150, len(model.branch_names))
    for k in (0, 77, 149):
        single = model.evaluate(**{name: rows[k] for name, rows in inputs.items()})
        for name in ("vm_pu", "p_kw", "q_kvar", "loss_kw"):
            np.testing.assert_allclose(
                getattr(single, name)[0],
                getattr(batch, name)[k],
                rtol=1e-9,
                atol=ROUNDING_KW,
            )


def test_constant_and_maps_give_the_same_answer(model: LinearModel) -> None:
    inputs = draw(model, 3)
    answer = model.evaluate(**inputs)
    outputs: dict[Output, np.ndarray] = {
        "voltage": model.limit(answer.vm_pu),
        "p_kw": answer.p_kw,
        "q_kvar": answer.q_kvar,
    }
    for output, expected in outputs.items():
        value = model.constant(output) + sum(
            inputs[by] @ model.sensitivity(output, by).T for by in INPUTS
        )
        np.testing.assert_allclose(
            value, expected, atol=ROUNDING_KW if output != "voltage" else 1e-10
        )


@pytest.mark.parametrize("by", INPUTS)
def test_loss_gradient_against_central_differences(
    model: LinearModel, by: Input
) -> None:
    inputs = draw(model, 2)
    gradient = model.loss_gradient(model.evaluate(**inputs), by)
    direction = np.random.default_rng(1).uniform(-1, 1, inputs[by].shape)
    step = 5.0  # kW: the loss is close to quadratic, so that a long step costs little and drowns rounding
    up, down = (
        model.evaluate(**{**inputs, by: inputs[by] + sign * step * direction}).loss_kw
        for sign in (1, -1)
    )
    np.testing.assert_allclose(
        (gradient * direction).sum(axis=1),
        (up - down) / (2 * step),
        rtol=1e-4,
        atol=ROUNDING_KW / step,
    )


def test_power_at_a_node_is_that_of_a_load_there() -> None:
    for make in (lpf, dc, lindistflow):
        model = make(Network.from_feeder(load_feeder("ieee33")))
        nodes = model.network.devices.plus
        pairs: tuple[tuple[Input, Input], ...] = (
            ("node_kw", "load_kw"),
            ("node_kvar", "load_kvar"),
        )
        for output in get_args(Output):
            for by_node, by_load in pairs:
                at_node = model.sensitivity(output, by_node, columns=nodes)
                np.testing.assert_allclose(
                    at_node, model.sensitivity(output, by_load), atol=1e-12
                )


def test_limit_is_in_the_quantity_of_the_model() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    assert lpf(network).limit([0.95, 1.05]) == pytest.approx([0.95, 1.05])
    assert lindistflow(network).limit([0.95, 1.05]) == pytest.approx([0.9025, 1.1025])


def test_names_of_branches_tell_element_and_phase() -> None:
    model = lindistflow(Network.from_feeder(load_feeder("ieee13")))
    assert len(set(model.branch_names)) == len(model.branch_names)
    assert "line.650632.2" in model.branch_names


def test_voltage_that_falls_below_zero_is_nan() -> None:
    model = lindistflow(Network.from_feeder(load_feeder("ieee33")))
    assert np.isnan(model.evaluate(load_scale=50.0).vm_pu).any()


def test_map_that_is_too_large_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    model = lpf(Network.from_feeder(load_feeder("ieee33")))
    monkeypatch.setattr(model_module, "LARGEST_MAP", 100)
    with pytest.raises(
        InputError,
        match=r"33 outputs 'voltage' by 32 inputs 'load_kw' is too large.*columns",
    ):
        model.sensitivity("voltage", "load_kw")
    assert model.sensitivity("voltage", "load_kw", columns=[0, 5]).shape == (33, 2)


def test_bad_names_and_columns_are_refused() -> None:
    model = lpf(Network.from_feeder(load_feeder("ieee33")))
    with pytest.raises(
        InputError, match=r"'amps' is no output of a linear model\. Choose from voltage"
    ):
        model.sensitivity("amps", "load_kw")  # type: ignore[arg-type]
    with pytest.raises(
        InputError, match=r"'wind' is no input of a linear model\. Choose from load_kw"
    ):
        model.sensitivity("voltage", "wind")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="inputs 0 to 31; got 3 to 32"):
        model.sensitivity("voltage", "load_kw", columns=[3, 32])
    with pytest.raises(ShapeError, match="list of indices of 'load_kw'"):
        model.sensitivity("voltage", "load_kw", columns=[0.5])
    with pytest.raises(ShapeError, match="load_kw has shape"):
        model.evaluate(load_kw=[1.0], load_kvar=[1.0])


def test_chosen_rows_are_rows_of_the_whole_map() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    model = lindistflow(network)
    for output in ("voltage", "p_kw"):
        whole = model.sensitivity(output, "load_kw")
        rows = model.sensitivity(output, "load_kw", rows=[5, 2])
        assert rows == pytest.approx(whole[[5, 2]], abs=1e-12)
        corner = model.sensitivity(output, "load_kw", columns=[1, 0, 3], rows=[5, 2])
        assert corner == pytest.approx(whole[[5, 2]][:, [1, 0, 3]], abs=1e-12)
