# SPDX-License-Identifier: GPL-3.0-or-later
"""The attacks of strangers.py: those with many requests and connections, and the list of all."""

import socket
import time

from matrixwire import Identity
from strangerbodies import BODIES
from strangernames import NAMES
from strangertools import Attack, Spent, at_once, forged, repeat, source


class Flood(Attack):
    """As many requests as two processes can make."""

    name = "a flood of small bad requests"

    def run(self, target, until):
        headers = forged(Identity.p2p("stranger").name, target)
        return at_once(repeat, [(target, until, f"127.0.2.{n}", b'{"pdus":[]}', headers) for n in (1, 2)])


def connect(target, until, address):
    spent = Spent()
    wires = []
    while time.monotonic() < until:
        try:
            wire = socket.create_connection(target.place, timeout=5, source_address=source(address))
            wire.sendall(b"PUT /")
            wires.append(wire)
            spent.requests += 1
        except OSError:
            pass
        if len(wires) >= 150:
            wires.pop(0).close()
        time.sleep(0.002)
    return spent


class Connections(Attack):
    name = "twenty addresses that only connect"

    def run(self, target, until):
        return at_once(connect, [(target, until, f"127.0.2.{n}") for n in range(1, 21)])


ATTACKS = [*BODIES, *NAMES, Flood(), Connections()]
