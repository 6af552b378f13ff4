"""The closed loop: what is served is compared with what was learned from; alerts; retraining."""
