"""Compile what workers compute with, and keep it on disk: `python -m tieline.service.compile`, for images that start ready.

Compiled code is kept for the processor and the versions that made it; elsewhere it is compiled anew.
"""

from __future__ import annotations

from tieline.powerflow.second_process import allow_second_process
from tieline.service.jobs import study_run
from tieline.service.market.definition import read_definition
from tieline.service.market.job import Stages
from tieline.service.market.set_up import DEMO


def compile_all() -> None:
    """The power flow with controls, and the clearing of a market."""
    study_run.warm_up()
    Stages().of(read_definition(DEMO))


if __name__ == "__main__":
    allow_second_process()
    compile_all()
