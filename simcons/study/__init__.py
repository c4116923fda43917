"""The simulated study: recruitment, lobby, sessions on clocks of their own, and the calls to language models."""
