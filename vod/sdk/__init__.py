"""The Alibaba SDK, wrapped: transport, credentials, errors."""
