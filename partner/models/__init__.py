"""The bodies and answers of the Partner API, one module per resource."""
