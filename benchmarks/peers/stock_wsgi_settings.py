"""The settings of the stock peer, for its synchronous sister."""

from benchmarks.peers.stock_settings import *  # noqa: F403
from benchmarks.peers.stock_settings import DATABASES

ROOT_URLCONF = "benchmarks.peers.stock_wsgi"
# A thread keeps its connection, as "Databases" recommends: there are as many threads as the others' pools have.
del DATABASES["default"]["OPTIONS"]["pool"]
DATABASES["default"]["CONN_MAX_AGE"] = None
