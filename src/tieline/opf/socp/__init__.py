"""Branch flow relaxation: optimal power flow of a radial single-phase equivalent as a second-order cone program (Clarabel).

With v = |V|^2, l = |I|^2 and P, Q at the sending end of the impedance r + jx between ideal ratios t_i and t_j,

    P_ij - r l = sum of P_jk + p_j + g_j v_j,            Q_ij - x l = sum of Q_jk + q_j - b_j v_j
    v_j / t_j^2 = v_i / t_i^2 - 2 (r P + x Q) + (r^2 + x^2) l
    l v_i / t_i^2 >= P^2 + Q^2                            (the cone; the power flow has "=")

Where the cone is tight the answer is the global optimum of the AC problem. `relaxation_gap_kw` says by how much it is not: loss
that a branch of the model has and one of the feeder would not. Approximated: constant-current loads (|V| as (1 + |V|^2) / 2),
flexible loads at rated voltage, the charging current of lines in current limits.

Sources: M. Farivar, S. H. Low, "Branch flow model: relaxations and convexification", parts I and II, IEEE Trans. Power Systems
28(3), 2013; P. Goulart, Y. Chen, "Clarabel: an interior-point solver for conic programs with quadratic objectives", 2024.
"""

from tieline.opf.socp.model import SocpModel, solve_socp

__all__ = ["SocpModel", "solve_socp"]
