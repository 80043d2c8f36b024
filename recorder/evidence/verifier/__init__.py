"""Checks an export offline, with Python's standard library alone.

This package is also the whole of `verify.pyz`, which a receiver runs on a machine without Garim: it imports nothing
from outside itself but the standard library, and runs on Python 3.8.
"""
