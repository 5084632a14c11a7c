"""`Limited`: which numbers of a step are kept at a limit, and what else is raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from tieline.envs.task import Task
from tieline.errors import InputError, unknown_name_message
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Limited:
    """What is kept at a limit.

    Attributes:
        weights: of the terms that are raised, 0 of those that are limited, (term,).
        columns: of terms followed by costs, those that are limited, (limit,).
        limits: of each, (limit,).
    """

    weights: FloatArray
    columns: IntArray
    limits: FloatArray

    @classmethod
    def of(cls, task: Task[Any], names: Sequence[str]) -> Limited:
        """Terms and constraints by their names.

        Raises:
            InputError: if the task has no such term or constraint.
        """
        term_names = [term.name for term in task.terms]
        all_names = [*term_names, *(one.name for one in task.constraints)]
        for name in names:
            if name not in all_names:
                raise InputError(
                    unknown_name_message("term or constraint", name, all_names)
                )
        weights = np.array(
            [term.weight * (term.name not in names) for term in task.terms]
        )
        no_limit = np.zeros(len(term_names))
        all_limits = np.append(no_limit, [one.limit for one in task.constraints])
        columns = np.array([all_names.index(name) for name in names], dtype=int)
        return cls(weights, columns, all_limits[columns])

    def beyond(self, terms: Any, costs: Any) -> Any:
        """By how much each limit is passed, (episode, limit), from what a step brought, (episode, term) and (episode, cost)."""
        values = jnp.hstack([terms, costs])[:, self.columns]
        return jnp.maximum(values - self.limits, 0.0)


def tail_mean(values: Any, share: float) -> Any:
    """Mean of the highest of each column, at least one, (episode, column) -> (column,): the conditional value at risk.

    Source: R. T. Rockafellar, S. Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2(3), 2000.
    """
    count = max(round(share * len(values)), 1)
    ordered = jnp.sort(values, axis=0)
    return ordered[-count:].mean(axis=0)
