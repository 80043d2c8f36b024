"""Opens originals: asks to custodians, their answers, and the footage of a scope. See docs/design/custody.md."""
