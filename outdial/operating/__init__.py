"""Commands: how it goes, what is wrong, what a person has to decide, who may ask."""
