"""AC optimal power flow as a nonlinear program: any feeder that the power flow knows, phase by phase; Ipopt through casadi.

Voltages in rectangular coordinates; at every node the currents balance,

    Y v + sum of conj(S / v) = i_source

where S is the power that loads (ZIP) and DERs take between their nodes. Y holds transformers of any connection, regulators at
their taps, capacitors. Limits are on |v|^2 and on the squares of currents or powers. The answer is a local optimum: in practice,
on feeders, the one the convex relaxation proves global where that is tight.

A model is built once. `solve` takes any problem of the same structure (other demand, prices, bounds, limits) and starts from an
earlier answer. Left out: discrete decisions.

Sources: A. Waechter, L. T. Biegler, "On the implementation of an interior-point filter line-search algorithm", Math. Programming
106, 2006 (Ipopt); the current balance in rectangular coordinates as in R. P. O'Neill, A. Castillo, M. B. Cain, "The IV
formulation and linear approximations of the AC optimal power flow problem", FERC staff paper, 2012.
"""

from tieline.opf.nlp.model import NlpModel, solve_nlp

__all__ = ["NlpModel", "solve_nlp"]
