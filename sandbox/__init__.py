"""The Partner API, simulated: an independent program that rings no real phone."""
