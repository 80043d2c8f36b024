"""Makes what leaves: originals, copies masked anew, chosen tracks, stills, shares. See docs/exports.md."""
