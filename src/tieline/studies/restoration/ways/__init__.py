"""Who decides: the panel of deciders, their episodes, the bound, whose policies."""
