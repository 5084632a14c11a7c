"""Networked microgrids: privately owned parts of a feeder, each with devices of its own, behind the limits that all share.

config       feeder, fuel, prices, shapes of a day
microgrids   what lies behind each point of common coupling
plant        the network, its microgrids and what their devices can do
windows      windows of steps side by side, and the state that each begins with
before       the state before the first step of a day
observe      what the agent of each microgrid sees before it decides
shapes       loads, sun and price at any hour
days         the day of the shapes, and days drawn around it
pool         the days that episodes of the task are picked from
sight        all that agents see, as one row of named entries
task         `MicrogridsTask`, an agent and a reward for each microgrid
rules        merit order as a decider of the task
bill         what each microgrid pays
day          `Day`, and the problem that it poses
"""
