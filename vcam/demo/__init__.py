"""The demo: a drawn camera whose faces and plates are known, and checks of what the product makes of it."""
