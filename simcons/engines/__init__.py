"""Language models behind one method: a list of requests in, a list of replies out."""
