"""The peers: the same routes, tables and JSON, each the way its own documentation recommends.

Each reads DATABASE_URL, DATABASE_POOL_MAX and its credential from the environment.
"""
