"""Joins what detectors saw into regions of every picture, and holds pictures until they are proven."""
