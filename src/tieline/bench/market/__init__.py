"""The balancing market held against its goals: clearing, choice of DERs, growth, and what was published."""
