"""The demo: four runs of the reference workflow, three of which fail, and an incident of two hundred.

python -m pgunwind.demo needs nothing running: it starts a PostgreSQL of its own, unless PGUNWIND_DSN names
one, in which case it works in a database of its own there and drops it at the end.

server.py is that PostgreSQL, database.py prepares the ground, scenario.py plays the runs, victim.py is the
process that gets killed, incident.py lets two hundred more fail and has them undone, evidence.py looks at
what is in the tables, checks.py judges it, display.py shows it.
"""
