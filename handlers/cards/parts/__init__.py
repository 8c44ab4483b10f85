"""The parts of a card: its targets, totals, questions and buttons, and how much of them fits."""
