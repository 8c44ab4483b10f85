"""Measurements next to what bounds them, as ratios in one run: ``make bench``."""
