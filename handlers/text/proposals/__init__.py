"""Proposals in words: where one stands, in its card, in a list, after a freeze."""
