"""`make mutants`: small changes to the engine and the client, one at a time, that some test should notice.

sql.py          the operators over SQL, PL/pgSQL and the SQL that the compiler renders
python.py       those over the client
mutant.py       what both make, and how it is drawn
calls.py        who calls whom in the engine
rooms.py        which tests are most likely to notice
playing.py      a change is made in a copy of the tree, and the tests are run there
equivalent.toml survivors that change no behaviour, each with its reason
"""
