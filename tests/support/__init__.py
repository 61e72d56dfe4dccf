"""What tests stand on: servers, the sandbox, whole systems."""
