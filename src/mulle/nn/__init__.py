"""A neural engine: written in NumPy to be read, scaled in PyTorch, shipped in ONNX."""
