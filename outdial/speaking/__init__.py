"""How commands speak: to people in lines, to the API as a client."""
