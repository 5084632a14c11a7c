"""MLFACC: leader-follower actors under one centralised critic. Agents choose a DER each, in turn, and see what leaders chose.

config        every setting of the method
region        what a learner asks of a region, and the market's regions; `region_key` tells regions apart
networks      actors and critic
credit        what an agent learns from
losses        what actors and critic descend
learner       one update, compiled, all regions and seeds side by side
round         games of all regions while agents choose; `alternatives` asks what each DER would have been worth
play          rounds played to learn from; `scale` is the measure learners see in, `seats` who learns where
schedule      what changes while actors learn
curve         how well they do on the way
training      `train_choice`: policies from regions, settings and seeds
policy        `ChoicePolicy`: what a training leaves behind, in plain NumPy
search        the most probable sets of a policy, judged by AC
policy_file   policies in files; `chooser` finds the one of a region

Source: the article on distributed optimal power flow with dynamic microgrids (IEEE 123 buses), eqs. 15 to 22 and algorithm 1.
Rates, weights, sizes and schedules are not published: those of `config` are tieline's.
"""
