"""What can be held to the end with the energy there is: a plan in closed form, for NumPy and JAX arrays alike.

figures        numbers of the island that formulas need; view: what is known of sun, wind and time
level          the load that can be held level; sharing: an amount among units or loads
holding        the plan: set-points that hold it
"""
