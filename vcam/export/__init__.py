"""Makes what leaves the site: originals, masked copies, stills, shares. See docs/design/custody.md."""
