"""What claim and arm read and write: lanes, queue, pacers, gates, calls, breakers."""
