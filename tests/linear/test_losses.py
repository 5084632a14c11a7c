"""Losses of linear models by hand, and their derivatives against central differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from tieline.linear.affine import Affine
from tieline.linear.losses import FlowLoss, Loss, VoltageLoss


def affine(*rows: list[float]) -> Affine:
    return Affine(sparse.csr_array(np.array(rows)), np.zeros(len(rows)))


def flow_loss() -> FlowLoss:
    """One branch of r = 0.1 pu; the unknowns are P [kW], Q [kvar], and both voltages."""
    rows = np.eye(4).tolist()
    return FlowLoss(np.array([0.1]), *(affine(row) for row in rows))


def voltage_loss() -> VoltageLoss:
    y = 1 / (0.1 + 0.2j)
    return VoltageLoss.of_admittance(sparse.csr_array(np.array([[y, -y], [-y, y]])))


def test_flow_loss_by_hand() -> None:
    """0.1 (2^2 + 1^2) / (1.0 * 0.8) pu of 1 MVA."""
    assert flow_loss().kw(np.array([[2000.0, 1000.0, 1.0, 0.8]])) == pytest.approx(
        [625.0]
    )


def test_flow_loss_does_not_depend_on_direction() -> None:
    there, back = flow_loss().kw(
        np.array([[2000.0, 1000.0, 1.0, 0.8], [-2000.0, -1000.0, 0.8, 1.0]])
    )
    assert there == pytest.approx(back)


def test_voltage_loss_by_hand() -> None:
    """Voltages 1 and 0.9 - 0.1j: |0.1 + 0.1j|^2 = 0.02 across 0.1 + 0.2j, conductance 0.1 / 0.05 = 2."""
    assert voltage_loss().kw(np.array([[1.0, 0.9, 0.0, -0.1]])) == pytest.approx([40.0])


def test_shunt_susceptance_loses_nothing() -> None:
    loss = VoltageLoss.of_admittance(sparse.csr_array(np.array([[0.3j]])))
    assert loss.kw(np.array([[0.6, 0.8]])) == pytest.approx([0.0])


@pytest.mark.parametrize("loss", [flow_loss(), voltage_loss()], ids=["flow", "voltage"])
def test_gradient_against_central_differences(loss: Loss) -> None:
    x = np.array([[1.1, 0.9, 0.95, 0.8], [0.7, 0.2, 1.05, 1.0]])
    gradient = loss.gradient(x)
    for k in range(4):
        step = np.zeros(4)
        step[k] = 1e-5
        difference = (loss.kw(x + step) - loss.kw(x - step)) / 2e-5
        np.testing.assert_allclose(gradient[:, k], difference, rtol=1e-6, atol=1e-8)
