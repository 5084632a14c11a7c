"""
Decide step by step
===================

Train a policy that splits a reserve request, and hold it against rules and the optimum.
"""

from tieline.agents.ddpg_config import DdpgConfig
from tieline.studies import run_study

quick = DdpgConfig(steps=10_240, first_steps=4_096, updates_per_round=32)
result = run_study("reserve", train=True, trainings=1, ddpg=quick, held_out=50)

for who in ("capacity", "cheapest", "merit"):
    print(
        f"{who}: {result.number(f'objective_gap_pct_{who}'):.2f} % above the optimum on unseen requests"
    )
print(
    f"learned: {result.number('objective_gap_pct'):.2f} % above the optimum on unseen requests"
)
