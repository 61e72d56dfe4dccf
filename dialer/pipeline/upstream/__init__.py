"""The calling platform as a stage sees it: clients, the agent's duty, the breaker."""
