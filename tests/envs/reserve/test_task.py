"""What the currency and the load level of a configuration change in the task."""

from __future__ import annotations

import numpy as np

from tieline.envs import make_task


def loss_of_first_request(load_pct: float) -> float:
    """Loss when each DER is asked alike [kW]."""
    task = make_task("reserve", load_pct=load_pct)
    outcome = task.advance(task.start(np.array([0])), np.full((1, 4), 0.5))
    return float(outcome.terms[0, 1])


def test_another_currency_changes_name_and_unit_of_the_cost() -> None:
    task = make_task("reserve", currency="EUR")
    assert (task.terms[0].name, task.terms[0].unit) == ("cost_eur", "EUR")


def test_another_load_is_another_task_with_less_loss() -> None:
    signatures = {
        make_task("reserve", load_pct=share).signature for share in (50.0, 100.0)
    }
    assert len(signatures) == 2
    assert loss_of_first_request(50.0) < 0.5 * loss_of_first_request(100.0)
