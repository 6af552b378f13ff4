"""What a user does: one package a verb; none knows another, but retrain and serve their stairs."""

__all__: list[str] = []
