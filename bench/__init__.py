"""What the pipeline costs, beside the least that any must cost and what a plain one does: `make bench`."""
