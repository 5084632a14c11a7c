"""
Decide with a model
===================

What should two generators do in an hour, and what is energy worth at their buses?
"""

from tieline.studies import run_study

# %%
# Two generators of 600 kW at the ends of the feeder, with what their energy costs. Energy from the grid costs 0.05 per kWh.

result = run_study(
    "optimal-power-flow",
    feeder="ieee33",
    ders="18:600@0.02,33:600@0.03",
    price=0.05,
    lowest_pu=0.93,
)

# %%
# The model proposes set-points, the AC power flow judges them. Colours of the diagram are prices.

for row in result.tables["set_points"].itertuples():
    print(f"{row.der}: {row.p_kw:.0f} kW")
print(
    f"cost: {result.number('ac_cost_per_h'):.2f} per hour on AC, {result.metrics['violations']} limits broken"
)
