"""Training of the plate detector. Needs PyTorch, which nothing else here does: `pip install torch`."""
