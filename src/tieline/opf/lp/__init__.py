"""Linear program: voltages, purchase, branch flows and circles linearised round by round around the AC solution; HiGHS.

The variables are the decisions u and, per step, the power bought s. The network enters by linear rows around the AC solution at
the last set-points u_k, whose derivatives are exact:

    voltage        |V|(u_k) + grad |V| (u - u_k) within its limits               renewed in every round
    bought         s >= s(u_k) + grad s (u - u_k): energy with its losses        kept as cuts
    branch limit   F(u_k) + grad F (u - u_k) <= limit                            kept as cuts
    circle, c P^2  tangents                                                      kept as cuts

The first round has no AC solution yet: it takes the voltages of a linear model (LinDistFlow or LPF) and buys what is consumed,
without losses. A linear model alone leaves voltages on AC some 1e-3 pu past their limits; each round squares that error.
Any feeder and any size: a voltage that does not bind never enters. Prices below zero are refused: losses would be rewarded,
which no cut can bound.

Sources: J. E. Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8(4), 1960; successive linear programs:
R. E. Griffith, R. A. Stewart, "A nonlinear programming technique for the optimization of continuous processing systems",
Management Science 7(4), 1961; Q. Huangfu, J. A. J. Hall, "Parallelizing the dual revised simplex method", Math. Programming
Computation 10, 2018 (HiGHS).
"""

from tieline.opf.lp.rounds import solve_lp

__all__ = ["solve_lp"]
