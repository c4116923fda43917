"""The page of a training loop: what came out, its figures, and rounds to be read, from results that the caller has gathered."""
