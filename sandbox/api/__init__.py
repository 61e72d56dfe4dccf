"""The Partner API's routes, one module per resource."""
