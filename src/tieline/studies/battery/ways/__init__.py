"""The five ways to use the batteries: idle, conventional, each by itself, CSOCC, the central optimum."""
