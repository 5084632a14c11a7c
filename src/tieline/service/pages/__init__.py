"""Pages for people: runs, feeders, market boards and an inbox, made on the server and readable without a script.

look            templates, style, what a page may load
sessions        who is looking: a key signed in with, or anybody where the service shows itself without keys
page_route      errors as pages
forms           what is sent back, and that it was sent from here
board           an interval of a market, with its drawing and its tables
run_form        the form that asks a study, made from its configuration
"""
