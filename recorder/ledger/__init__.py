"""The forms that the law asks for, made from the log. See docs/design/custody.md."""
