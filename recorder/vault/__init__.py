"""Encryption of originals. The recorder holds public keys only, so it can write what it cannot read."""
