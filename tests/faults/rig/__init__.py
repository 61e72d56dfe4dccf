"""A whole Outdial with a hand on every wire: processes to kill, proxies to cut."""
