"""One step a file. A step that has been released is never changed: what it makes is frozen in it."""
