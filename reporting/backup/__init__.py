"""Backups of the whole site: made, proven, kept, put back, and moved to another server.

A backup is a file of our own form: the tables by COPY, the schema by the migrations that it names. See
docs/decisions for why it is not pg_dump's.
"""
