"""Inverters that follow a characteristic: the P and Q at which they and the grid agree in each scenario."""
