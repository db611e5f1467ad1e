"""A wire between two network interfaces that it makes: it can lose, delay and double frames, and put them into a VLAN in between.

The kernel's own means (netem, 802.1Q) are not in every kernel; /dev/net/tun is. Which frames suffer follows from the seed, as far as both
ends send the same ones at the same pace. Prints `ready` once the interfaces are there; runs until it is killed.
Usage: wire.py INTERFACE INTERFACE [--seed N --loss P --double P --late P] [--trunk INTERFACE INTERFACE --vlan N]
With a trunk (a veth pair) frames travel over it, tagged, so that a capture there has them as a switch would.
"""

import argparse
import fcntl
import heapq
import os
import random
import selectors
import socket
import struct
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
LATE = 0.03  # seconds by which a late frame is overtaken
FRAME_OCTETS_MAX = 9000
PACKET_OUTGOING = 4


def tap(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    os.set_blocking(descriptor, False)
    return descriptor


def put(end, frame):
    """To an interface that is not up yet, nothing comes."""
    try:
        os.write(end, frame)
    except OSError:
        pass


def trunk_end(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.bind((name, 0))
    return end


class Wire:
    """Frames on their way, and what befalls them."""

    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.selector = selectors.DefaultSelector()
        self.waiting, self.count = [], 0
        ends = [tap(name) for name in options.interface]
        if options.trunk:
            trunk = [trunk_end(name) for name in options.trunk]
            for end, side in zip(ends, trunk):
                self.selector.register(end, selectors.EVENT_READ, lambda end=end, side=side: side.send(self.tagged(os.read(end, FRAME_OCTETS_MAX))))
                self.selector.register(side, selectors.EVENT_READ, lambda end=end, side=side: self.from_trunk(side, end))
        else:
            for end, other in (ends, reversed(ends)):
                self.selector.register(end, selectors.EVENT_READ, lambda end=end, other=other: self.carry(os.read(end, FRAME_OCTETS_MAX), other))

    def tagged(self, frame):
        return frame[:12] + struct.pack("!HH", 0x8100, self.options.vlan) + frame[12:]

    def from_trunk(self, side, end):
        """The kernel has taken the tag off already."""
        frame, address = side.recvfrom(FRAME_OCTETS_MAX)
        if address[2] != PACKET_OUTGOING:
            put(end, frame)

    def carry(self, frame, end):
        """Passes a frame on; only those of TCP suffer, so that finding each other does not take seconds."""
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            put(end, frame)
            return
        loss, double, late = self.random.random(), self.random.random(), self.random.random()
        if loss < self.options.loss:
            return
        for _ in range(2 if double < self.options.double else 1):
            if late < self.options.late:
                self.count += 1
                heapq.heappush(self.waiting, (time.monotonic() + LATE, self.count, frame, end))
            else:
                put(end, frame)

    def run(self):
        while True:
            timeout = max(0, self.waiting[0][0] - time.monotonic()) if self.waiting else None
            for key, _ in self.selector.select(timeout):
                key.data()
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, frame, end = heapq.heappop(self.waiting)
                put(end, frame)


arguments = argparse.ArgumentParser()
arguments.add_argument("interface", nargs=2)
arguments.add_argument("--seed", type=int, default=1)
for fate in ("loss", "double", "late"):
    arguments.add_argument(f"--{fate}", type=float, default=0)
arguments.add_argument("--trunk", nargs=2)
arguments.add_argument("--vlan", type=int, default=0)
wire = Wire(arguments.parse_args())
print("ready", flush=True)
wire.run()
