"""Redis, which nothing else may import: cached views of the database and the stream of changes.

All of it can be lost at any time. The modules import redis when they first talk to a server, because the
import alone takes as long as a whole first paint may.
"""
