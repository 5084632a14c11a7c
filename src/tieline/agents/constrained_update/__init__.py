"""A policy's step that raises its return and keeps many constraints: CPO for several agents with a trust region each.

gaussian        policies, samples by reparameterisation, divergence
fisher          the metric of a trust region: products and conjugate gradients
pull_back       from derivatives by actions to derivatives by parameters
reach           which constraints one update can come near
gram            all that a step needs of the parameters, in a small matrix
trust_region    the best step of all agents, or the recovery step
ball_program    the numbers behind it
row_system      systems with as many equations as limits
barrier_region  another trust region, which ends before the limits
easing          broken limits come back in parts
curvature       true divergence over what a metric says, measured
backtracking    how much of a step holds by true returns
problem         what an update asks of the world
config          its settings
compiled        its parts that run compiled
update          the method: one update from all of these
"""
