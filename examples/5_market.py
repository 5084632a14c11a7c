"""
Clear a market
==============

Which DERs cover load beyond the schedule in six microgrids, at what price, how near is that to the best?
"""

from tieline.studies import run_study

result = run_study(
    "market",
    case="ieee123",
    from_hour=18,
    to_hour=19,
    every_minutes=10,
    optimum_every=1,
    sampled_minutes=0,
)

outputs = result.tables["outputs"]
for region, kw in outputs.groupby("region")[["demand_kw", "der_kw"]].mean().iterrows():
    print(f"region {region}: {kw.der_kw:.0f} kW of DERs for {kw.demand_kw:.0f} kW")

low, high = result.number("dlmp_min"), result.number("dlmp_max")
print(f"a kilowatt hour is worth {low:.3f} to {high:.3f} USD, depending on the bus")
print(f"limits broken on AC: {result.metrics['violations']}")
kept_pct = result.number("saving_kept_pct")
print(f"{kept_pct:.1f} % of what the program over all 123 DERs saves is saved")
