"""End to end: real processes, real servers, the sandbox as witness."""
