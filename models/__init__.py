"""Detectors: what is seen in a picture. Weights come by `manifest.toml`, pictures from one stream at a time."""
