"""Networked microgrids held against their goals: held-out days, published windows, consensus, training."""
