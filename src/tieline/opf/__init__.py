"""Decide with a model: optimal power flow as LP, SOCP and NLP, over a receding horizon, with nodal prices."""

from tieline.opf.answer import Answer
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.horizon import HorizonRun, run_horizon, warm_nlp
from tieline.opf.infeasible import InfeasibleError, NoOptimumError
from tieline.opf.inputs import (
    DerInputs,
    FlexibleInputs,
    ReboundInputs,
    StorageInputs,
)
from tieline.opf.lp import solve_lp
from tieline.opf.make_problem import make_problem
from tieline.opf.nlp import NlpModel, solve_nlp
from tieline.opf.prices import Prices
from tieline.opf.problem import Problem
from tieline.opf.replay import Replay, replay
from tieline.opf.socp import solve_socp

__all__ = [
    "Answer",
    "BranchLimit",
    "DerInputs",
    "FlexibleInputs",
    "HorizonRun",
    "InfeasibleError",
    "NlpModel",
    "NoOptimumError",
    "Prices",
    "Problem",
    "ReboundInputs",
    "Replay",
    "StorageInputs",
    "make_problem",
    "replay",
    "run_horizon",
    "solve_lp",
    "solve_nlp",
    "solve_socp",
    "warm_nlp",
]
