"""What lets a receiver check an export: manifest, signature, verifier. See docs/exports.md."""
