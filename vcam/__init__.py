"""Garim: anonymised CCTV. What one camera's frames go through."""

__version__ = "0.1.0"
