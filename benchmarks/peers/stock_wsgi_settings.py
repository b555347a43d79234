"""The settings of the stock peer, for its synchronous sister."""

from benchmarks.peers.stock_settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.peers.stock_wsgi"
