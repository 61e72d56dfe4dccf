"""Runs PostgreSQL and Valkey out of installed wheels, privately, as an unprivileged account."""
