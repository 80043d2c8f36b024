"""How the index's schema came to be, step by step (Alembic). `Index.open` runs what is missing."""
