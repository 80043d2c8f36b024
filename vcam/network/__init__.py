"""Addresses of virtual cameras on the host's network: what must be set up for them, and how."""
