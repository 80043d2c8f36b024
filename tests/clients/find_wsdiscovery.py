"""Searches with the package WSDiscovery, and prints endpoint, scopes and addresses of what it found."""

from __future__ import annotations

import sys

from wsdiscovery import QName
from wsdiscovery.discovery import ThreadedWSDiscovery


def main() -> int:
    search = ThreadedWSDiscovery()
    search.start()
    wanted = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")
    for service in search.searchServices(types=[wanted], timeout=3):
        scopes = " ".join(str(scope.getValue()) for scope in service.getScopes())
        sys.stdout.write(f"{service.getEPR()} {scopes} {' '.join(service.getXAddrs())}\n")
    search.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
