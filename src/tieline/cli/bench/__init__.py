"""`tieline bench WHAT`: speed beside other programs, errors, and goals of learning, measured and never tested."""

from __future__ import annotations

from cyclopts import App

from tieline.cli.bench.battery import battery
from tieline.cli.bench.envs import envs
from tieline.cli.bench.hosting_capacity import hosting_capacity
from tieline.cli.bench.linear import linear
from tieline.cli.bench.opf import opf
from tieline.cli.bench.powerflow import powerflow
from tieline.cli.bench.reserve import reserve
from tieline.cli.bench.tree_search import tree_search

app = App(
    name="bench",
    help="Measure speed beside other programs, errors of linear models, and goals of learning.",
)

for _bench in (powerflow, hosting_capacity, linear, opf, envs, reserve, tree_search, battery):
    app.command(_bench, name=_bench.__name__.replace("_", "-"))
