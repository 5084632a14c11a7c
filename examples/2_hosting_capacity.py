"""
A study
=======

How much PV fits on the IEEE 123-node feeder, what stops it, and what would help?
"""

from tieline.studies import run_study

result = run_study("hosting-capacity", feeder="ieee123", deployments=50)

print(
    f"first stopped by: {result.metrics['binding_limit']} at {result.metrics['binding_at']}"
)
print(
    f"with volt-var inverters: {result.metrics['hosting_capacity_pct_volt_var']} % of peak load"
)
print(f"as it is: {result.metrics['hosting_capacity_pct']} % of peak load")
