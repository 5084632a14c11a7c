"""Exact derivatives at a solved power flow, by the implicit function theorem; also through JAX."""
