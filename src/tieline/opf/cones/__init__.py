"""What the cone programs of this folder's neighbours have in common: blocks of rows, the decisions' own limits, Clarabel.

    minimise  x' diag(square) x + x' curved x + linear x     subject to     matrix x + s = right,  s in a cone

Source: P. Goulart, Y. Chen, "Clarabel: an interior-point solver for conic programs with quadratic objectives", 2024.
"""
