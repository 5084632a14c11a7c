"""What API and pages both stand on: the parts of the service, refusals, event streams, limits, and runs that are checked and put.

service         what every operation works with
problems        refusals, and the document that tells them; `failures` makes one of every error
names           names that stand in addresses
run_questions   a question checked whole; `put_run` queues it, `run_files` gives what it left
"""
