# SPDX-License-Identifier: GPL-3.0-or-later
"""The attacks of strangers.py with large bodies and large answers."""

import contextlib
import http.client
import select
import socket
import threading
import time

from matrixwire import Identity, canonical_json
from strangertools import LARGE, Attack, Spent, at_once, connected, forged, leave_uri, put, repeat, source, text64


class Bodies(Attack):
    """One body with bad signatures, from four addresses."""

    def __init__(self, name, body, key_ids=("ed25519:a",)):
        self.name, self.body, self.key_ids = name, body, key_ids

    def run(self, target, until):
        stranger = Identity.p2p("stranger").name
        headers = forged(stranger, target, self.key_ids)
        addresses = [f"127.0.2.{n}" for n in range(1, 5)]
        return at_once(repeat, [(target, until, at, self.body, headers) for at in addresses])


def hold_short(target, until, address, size):
    """A large body that stops one byte before its end, again as soon as it is given up."""
    spent = Spent()
    body = b'{"pdus":[{"x":"' + b"x" * size
    while time.monotonic() < until:
        try:
            with socket.create_connection(target.place, timeout=30, source_address=source(address)) as wire:
                head = f"PUT {leave_uri(target, spent.requests)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) + 1}\r\n"
                head += f"Authorization: {forged(Identity.p2p('stranger').name, target)[0]}\r\n\r\n"
                spent.requests += 1
                wire.sendall(head.encode() + body)
                spent.sent += len(body)
                wire.settimeout(max(0.1, until - time.monotonic()))
                wire.recv(1)
        except OSError:
            time.sleep(0.05)
    return spent


class OneByteShort(Attack):
    """Together all that each address may hold."""

    name = "large bodies that stop one byte short"

    def run(self, target, until):
        addresses = [f"127.0.2.{n}" for n in range(1, 5)]
        return at_once(hold_short, [(target, until, at, size) for at in addresses for size in (LARGE, 4_000_000)])


def trickle(target, until, address, size, count):
    """`count` bodies at once of which all but a part comes at once, and that part in drops; again when given up."""
    spent = Spent()
    body = b'{"pdus":[{"x":"' + b"x" * size
    head = f"Host: x\r\nContent-Length: {len(body)}\r\n"
    head += f"Authorization: {forged(Identity.p2p('stranger').name, target)[0]}\r\n\r\n"

    def hold():
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(target.place, 5, source(address)) as wire:
                spent.requests += 1
                wire.sendall(f"PUT {leave_uri(target, spent.requests)} HTTP/1.1\r\n{head}".encode())
                at = len(body) * 19 // 20
                wire.sendall(body[:at])
                spent.sent += at
                while at < len(body) - 5000 and time.monotonic() < until:
                    wire.sendall(body[at : at + 4000])
                    at += 4000
                    spent.sent += 4000
                    if select.select([wire], [], [], 0.9)[0]:
                        break  # it was given up
            time.sleep(0.05)

    threads = [threading.Thread(target=hold) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spent


class SlowBodies(Attack):
    """Together more than three times what all bodies may hold."""

    name = "large bodies sent slowly"

    def run(self, target, until):
        parts = [(f"127.0.2.{n}", size, 1) for n in range(1, 9) for size in (LARGE, 4_000_000)]
        parts += [("127.0.2.20", 1_000_000, 12), ("127.0.2.21", 250_000, 60)]
        return at_once(trickle, [(target, until, *part) for part in parts])


def leave_large(target, until, address):
    """12 MB after the other, each signed well."""
    spent = Spent()
    stranger = Identity.p2p(f"stranger {address}")
    filling = b",".join([b"1234567"] * (LARGE // 8))
    connection = None
    while time.monotonic() < until:
        uri = leave_uri(target, spent.requests)
        body = b'{"pdus":[{"n":[%d,%s]}]}' % (spent.requests, filling)
        authorization = sign_text(stranger, uri, target, body)
        try:
            if connection is None:
                connection = connected(target, address)
            spent.requests += 1
            put(connection, uri, body, [authorization])
            spent.sent += len(body)
        except (OSError, http.client.HTTPException):
            connection = None
    return spent


def sign_text(identity, uri, target, body):
    """The header for a body that is canonical already."""
    text = b'{"content":%s,"destination":"%s","method":"PUT","origin":"%s","uri":"%s"}'
    text %= (body, target.name.encode(), identity.name.encode(), uri.encode())
    signature = text64(identity.key.sign(text).signature)
    return (
        f'X-Matrix origin="{identity.name}",key="{identity.key_id}",sig="{signature}",destination="{target.name}"'
    )


class LargeMail(Attack):
    name = "12 MB of valid mail of unknown senders"

    def run(self, target, until):
        return at_once(leave_large, [(target, until, f"127.0.2.{n}") for n in range(1, 7)])


def many_members():
    return b"{" + b",".join(b'"%06x":1' % n for n in range(LARGE // 11)) + b"}"


def many_objects():
    return b'{"pdus":[' + b",".join([b'{"b":1,"a":1}'] * (LARGE // 14)) + b"]}"


def many_numbers(number):
    return b'{"pdus":[{"n":[' + b",".join([number] * (LARGE // (len(number) + 1))) + b"]}]}"


def leave_for_itself(target, identity, address, bytes_):
    """Mail of its own for itself."""
    uri = f"/_matrix/federation/v1/send_relay/1/{identity.user}"
    body = b'{"pdus":[{"x":"%s"}]}' % (b"x" * bytes_)
    connection = connected(target, address)
    status = put(connection, uri, body, [sign_text(identity, uri, target, body)])
    connection.close()
    return status


def read_nothing(target, until, address):
    """Asks for large mail of its own on many connections, and takes none of the answers; again when given up."""
    spent = Spent()
    identity = Identity.p2p(f"idle reader {address}")
    uri = f"/_matrix/federation/v1/relay_txn/{identity.user}"
    body = canonical_json({"entry_id": 0})
    head = f"GET {uri} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    head += f"Authorization: {identity.sign('GET', uri, target.name, {'entry_id': 0})}\r\n\r\n"
    wires = []
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            wire = socket.socket()
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.settimeout(5)
            wire.bind(source(address))
            wire.connect(target.place)
            wire.sendall(head.encode() + body)
            spent.requests += 1
            spent.sent += len(head) + len(body)
            wires.append(wire)
        if len(wires) >= 50:
            wires.pop(0).close()
            time.sleep(0.02)
    return spent


class UnreadAnswers(Attack):
    name = "large answers that nobody reads"
    open_relay = True
    addresses = [f"127.0.2.{n}" for n in range(1, 7)]

    def prepare(self, target):
        for address in self.addresses:
            status = leave_for_itself(target, Identity.p2p(f"idle reader {address}"), address, 4_000_000)
            assert status == 200, f"the mail that is to be asked for was refused with {status}"

    def run(self, target, until):
        return at_once(read_nothing, [(target, until, address) for address in self.addresses])


BODIES = [
    Bodies("1.1 million members in the root", many_members()),
    Bodies("900,000 objects out of order", many_objects()),
    Bodies("12 MB of integers, signed badly", many_numbers(b"1234567")),
    Bodies("12 MB of floats, signed badly", many_numbers(b"1.50")),
    Bodies("12 MB with eight signatures", many_numbers(b"1.50"), tuple(f"ed25519:k{n}" for n in range(8))),
    OneByteShort(),
    SlowBodies(),
    LargeMail(),
    UnreadAnswers(),
]
