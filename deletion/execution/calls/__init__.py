"""A batch of delete calls: checked, journalled, sent, answered, read back."""
