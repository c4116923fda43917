"""Two pipelines on the same people: paired differences, and gates that stop a change which does harm."""
