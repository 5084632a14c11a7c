"""The world of the study: sites, deployments, load and sun, inverters, and the ways in which the same draws are solved."""
