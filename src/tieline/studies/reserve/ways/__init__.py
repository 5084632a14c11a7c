"""Who splits a request: rules, learned policies, the search for the optimum; and what each split leads to."""
