"""Text over masked pictures: date, time and names, as every camera shows them."""
