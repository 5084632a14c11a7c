"""Load restoration in an islanded microgrid: which load is picked up when, and who decides it how well."""
