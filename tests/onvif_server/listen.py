"""Joins WS-Discovery's group on the address given and prints one line for each datagram: its sender and action."""

from __future__ import annotations

import re
import socket
import sys


def main() -> int:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", 3702))
    member = socket.inet_aton("239.255.255.250") + socket.inet_aton(sys.argv[1])
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        data, peer = sock.recvfrom(65536)
        action = re.search(rb"discovery/(\w+)<", data)
        addresses = re.search(rb"XAddrs>([^<]*)<", data)
        words = [peer[0], *(found[1].decode() for found in (action, addresses) if found)]
        sys.stdout.write(" ".join(words) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
