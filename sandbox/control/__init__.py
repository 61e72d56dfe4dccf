"""The experimenter's interface, outside the Partner API's paths."""
