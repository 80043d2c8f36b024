"""What staff and receivers reach over the web: requests, approvals, links. See docs/design/custody.md."""
