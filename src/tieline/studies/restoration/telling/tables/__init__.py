"""Tables of a run; columns carry their unit.

    outcomes     a decider on a draw: energy restored, shed and dropped, the objective, blackout
    steps        the same in a step: load, powers, stored energy, frequency, voltages, limits, times
    limits       a kind of limit that binds in a step
    units        a unit in a step: power and energy; first draw of each scenario
    loads        a load in a step: the share that is on; first draw of each scenario
    branch_gaps  a branch: what the cone of its current leaves open, the largest of a horizon; where a model was relaxed
    learning     a check of a training, where the curves of the policies are known
    island       a unit or a load of the island: place, size, energy, weight
    objective, gap_to_bound      a decider: the mean of each scenario

All but the last four begin with `scenario`, `decider` and `policy`, the seed of its policy (-1 for who has none). Metrics and
the page are made of these tables, so that a run that was interrupted goes on with those that it kept.
"""
