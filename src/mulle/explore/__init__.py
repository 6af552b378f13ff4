"""What is in a table, what is wrong with it, and what matters for the target."""
