"""Takes packets out of a capture, as a recorder does that is too slow: always the same ones for the same file.

Of the connections, in the order in which they begin: the first loses one packet; the second every 11th with octets in it; of the third
the beginning is missing, so that it is first seen in the middle. Usage: gaps.py FROM TO (classic pcap, Ethernet, IPv4)
"""

import struct
import sys


def packets(octets):
    order = {0xA1B2C3D4: "<", 0xD4C3B2A1: ">"}[struct.unpack("<I", octets[:4])[0]]
    at = 24
    while at < len(octets):
        length = struct.unpack(order + "I", octets[at + 8:at + 12])[0]
        yield octets[at:at + 16 + length]
        at += 16 + length


def connection(packet):
    """Both ends, and how many octets the packet carries."""
    ip = packet[16 + 14:]
    tcp = ip[(ip[0] & 15) * 4:]
    octets = struct.unpack("!H", ip[2:4])[0] - (ip[0] & 15) * 4 - (tcp[12] >> 4) * 4
    return frozenset(((ip[12:16], tcp[:2]), (ip[16:20], tcp[2:4]))), octets


def is_kept(number, spoken, octets):
    """Of a packet's connection, and of the packets with octets that it had before."""
    if number == 2:
        return spoken >= 12
    return octets == 0 or (spoken != 3 if number == 0 else spoken % 11 != 10)


def main():
    source = open(sys.argv[1], "rb").read()
    kept, seen = source[:24], {}
    for packet in packets(source):
        ends, octets = connection(packet)
        number, spoken = seen.setdefault(ends, [len(seen), 0])
        seen[ends][1] += octets > 0
        kept += packet if is_kept(number, spoken, octets) else b""
    with open(sys.argv[2], "wb") as output:
        output.write(kept)


main()
