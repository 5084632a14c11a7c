"""The ways to decide: the optimum with perfect knowledge, merit order, a rule of time of use; and what each of them costs."""
