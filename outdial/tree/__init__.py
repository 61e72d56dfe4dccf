"""The process tree: servers, schema, programs, started in order and stopped in reverse."""
