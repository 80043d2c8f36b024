"""Masks pictures in their planes, so that nothing under a mask can be recovered."""
