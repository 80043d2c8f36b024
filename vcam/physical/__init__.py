"""The physical ONVIF camera as far as it is passed through: aiming, imaging, relays and inputs."""
