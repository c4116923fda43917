"""People as a service: a server that other study software takes for a language model, and whose models are personas."""
