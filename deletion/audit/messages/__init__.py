"""Who is told of what happened, and where: messages queued, claimed and settled."""
