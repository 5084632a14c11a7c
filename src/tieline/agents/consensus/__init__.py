"""Agents find their joint step among themselves: each knows its own slopes, and multipliers are all that they exchange.

graph          who hears whom, with which weight
message        what passes between agents, and the channel that carries it
agent          one agent: what it hears, its own step, its own multipliers, when to stop
damped_step    its step, beside multipliers that follow it
question       what they face, in agreed units
agreement      rounds until all agree
rows           which constraints are shared, and which are one agent's own
step           the step of a policy update by agreement, from one update to the next
comparison     beside it the same question put centrally
watched        a channel that keeps what was sent
ray_channel    the same agents as Ray actors
settings       how a configuration asks for it
opening        from settings to agents that are ready

Source: the article on networked microgrids (see `tieline.agents.constrained_update.gaussian`), eqs. 50 to 55, with its signs put
right, the slack split among the agents, and a round that needs no falling step (`agent`).
"""
