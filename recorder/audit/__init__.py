"""The append-only log of who did what, as a Merkle tree (RFC 6962). See docs/design/custody.md."""
