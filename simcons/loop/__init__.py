"""``simcons loop``: collections, data, training and evaluations one after another, as a recipe lists them.

It lies above training, which cannot reach the truth, and above runs: here the two are put together by folders alone.
"""
