"""Load restoration held against its goals and against figures worked out beforehand."""
