"""Who asks for footage, on which legal basis, who decides, and what became of it. See docs/design/custody.md."""
