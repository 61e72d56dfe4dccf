"""What the simulated API says of itself: an OpenAPI document, made from the code that answers."""
