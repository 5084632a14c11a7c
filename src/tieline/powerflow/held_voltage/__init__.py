"""Generators that hold a voltage by their reactive power: how much of it that takes in each scenario."""
