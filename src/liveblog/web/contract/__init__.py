"""The machine-readable contracts: OpenAPI for HTTP, AsyncAPI for the stream, made from the types that do the work."""
