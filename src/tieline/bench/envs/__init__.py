"""Steps per second of the environments beside another package on the same problem."""
