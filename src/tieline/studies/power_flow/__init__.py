"""The power flow itself as a study: voltages, loadings, losses and broken limits of a feeder as it stands."""
