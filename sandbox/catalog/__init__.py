"""What the platform offers everybody: voices, and the templates that tools are made from."""
