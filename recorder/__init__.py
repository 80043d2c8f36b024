"""What is kept: segments, their vault, the index, purge and check. See docs/design/recorder.md."""
