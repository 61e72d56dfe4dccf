"""The frame of every request: envelope, limits, strict JSON, problems, the OpenAPI document."""
