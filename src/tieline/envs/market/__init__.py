"""The choice of the market: which few DERs of a region cover a demand that departs from the schedule, and what a set is worth.

games        what a choice is made for: loads, offers, limits, demand
draws        random games, `paper` and `open`
model        `ChoiceModel`: the region, and J(S) of any set by AC
tokens       what a policy sees of each DER and of the region
likely       sets that look best by estimates, before any power flow
relief       games whose demand brings broken limits back
shortlist    the DERs that the greedy rule has to look at
rules        exhaustive, greedy and simple choices; `regret` tells how far each is from the best
"""
