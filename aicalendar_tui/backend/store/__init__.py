"""The database: peewee (and so SQLite or PostgreSQL) lives in this package alone.

Names are imported from their modules: `first_view` is on the way to the first paint and must not bring peewee, and
`postgres` brings a driver that few need.
"""
