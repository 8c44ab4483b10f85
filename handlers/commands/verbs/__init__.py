"""One module per verb: the words it takes, what they mean, what it does and what it answers."""
