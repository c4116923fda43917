"""The store of calls: every reply a run has had from a language model."""
