"""What every part may import: settings, errors, clocks, ids, ports. It imports no other part."""
