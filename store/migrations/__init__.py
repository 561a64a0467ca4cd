"""Alembic's steps from an empty database to today's shape."""
