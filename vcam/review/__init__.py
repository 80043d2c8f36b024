"""What an officer looks at, and changes, before masked footage leaves. See docs/adr/0018."""
