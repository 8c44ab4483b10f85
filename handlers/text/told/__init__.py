"""What is told of an event or a notice, a module per reader."""
