"""Linear program: the network linearised round by round around the AC solution, losses to second order; Clarabel.

The variables of a round are the decisions u and, per step, the change dx of the network's unknowns (real and imaginary voltages)
from the AC solution at the last set-points u_k, whose derivatives are exact:

    network        system dx = drive (u - u_k)                       as two sparse sweeps, or solved out (`forms.py`)
    voltage        |V|(u_k) + grad |V| dx within its limits          of those that a round nears or breaks (`watched.py`)
    branch limit   F(u_k) + grad F dx <= limit                       of those that were once broken
    circle         P^2 + Q^2 <= S^2                                  a cone of second order
    bought         s(u_k) + grad s (u - u_k) + losses of dx          quadratic (`purchase.py`)

The name is that of the network's equations: circles, losses and squared costs are kept as they are, which makes a round a cone
program. Rounds begin around the AC solution with DERs idle. One round alone, or a feeder without such a solution, takes the
voltages of a linear model (LinDistFlow or LPF) and buys what is consumed, without losses: that leaves voltages on AC some 1e-3 pu
past their limits.
Prices below zero are refused: losses would be rewarded, and the program would not be convex. Left out: what the curvature of the
power flow itself adds to second order, so the last digits of the cost (1e-5) come in small steps.

Sources: R. E. Griffith, R. A. Stewart, "A nonlinear programming technique for the optimization of continuous processing systems",
Management Science 7(4), 1961; P. T. Boggs, J. W. Tolle, "Sequential quadratic programming", Acta Numerica 4, 1995.
"""

from tieline.opf.lp.rounds import solve_lp

__all__ = ["solve_lp"]
