"""The share store: custodians, epochs, and the shares that alone open originals. Kept out of general backups."""
