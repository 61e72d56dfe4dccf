"""Runs Outdial on one machine: embedded servers, the process tree and the command line."""
