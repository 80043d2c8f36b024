"""Event handling: subscriptions, their filters, pull points and notifications."""
