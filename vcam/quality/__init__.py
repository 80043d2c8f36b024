"""Measures how well footage is masked: recall in labelled pictures, leaks and masked area in clips."""
