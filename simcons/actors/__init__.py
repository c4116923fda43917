"""Language models that play people: what they learn from, and how well they play.

What they are told of a simulated person is drawn again from the scenario in the run's manifest; no table of the truth is read.
"""
