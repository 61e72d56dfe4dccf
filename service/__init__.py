"""The HTTP shell: intake, the operations API, the status page, health."""
