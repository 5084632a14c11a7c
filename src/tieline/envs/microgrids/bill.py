"""What each microgrid pays: for what passes its meter, and for fuel.

    cost of microgrid n = h (price x bought at its PCC + sum over its generators of fuel price x F(P))

No-load fuel is counted at every power: it is burnt by every decider.

Source: the article on networked microgrids (see `config`), eqs. 1 and 2; the length of a step h is missing there.
"""

from __future__ import annotations

from tieline.envs.microgrids.plant import Plant
from tieline.linear.blocks import apply
from tieline.typing import FloatArray


def cost_of_step(
    plant: Plant,
    price: FloatArray,
    bought_kw: FloatArray,
    generator_kw: FloatArray,
    step_h: float,
) -> FloatArray:
    """Cost of each microgrid in steps side by side.

    Args:
        plant: what fuel costs, and who owns which generator.
        price: of energy, (step,) [currency/kWh].
        bought_kw: at each meter, (step, microgrid).
        generator_kw: (step, generator).
        step_h: length of a step [h].

    Returns:
        (step, microgrid) [currency].
    """
    by_generator = plant.generators.cost_per_h(generator_kw)
    owners = plant.owners(plant.generator_ders)
    fuel_per_h = apply(owners, by_generator)
    energy_per_h = price[:, None] * bought_kw
    return step_h * (energy_per_h + fuel_per_h)


def stored_value_of_step(
    plant: Plant, before_kwh: FloatArray, after_kwh: FloatArray
) -> FloatArray:
    """Worth of what each microgrid stored more in steps side by side, (step, battery) each, as (step, microgrid) [currency]."""
    gain_kwh = after_kwh - before_kwh
    owners = plant.owners(plant.battery_ders)
    return plant.stored_value * apply(owners, gain_kwh)
