# SPDX-License-Identifier: GPL-3.0-or-later
"""The attacks of strangers.py: each is a class with a name and `run(target, until)`, which tells what it cost."""

import base64
import contextlib
import hashlib
import http.client
import http.server
import multiprocessing
import os
import select
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

from matrixwire import Identity, canonical_json

LARGE = 12_600_000


@dataclass
class Target:
    """The relay that is attacked, and where key servers may stand: any loopback address with `key_port`."""

    place: tuple
    name: str
    owner: Identity
    key_port: int
    certificate: str
    key: str


@dataclass
class Spent:
    requests: int = 0
    sent: int = 0

    @property
    def mib(self):
        return self.sent / 1024 / 1024


def source(address):
    return (address, 0)


def text64(data):
    return base64.b64encode(data).decode().rstrip("=")


def free_port():
    """Free on every loopback address a moment ago."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def certificate():
    """(certificate, key) as files, for every address that key servers may have."""
    names = [f"IP:127.0.{net}.{host}" for net in (3, 4) for host in range(1, 65)]
    with tempfile.TemporaryDirectory() as folder:
        certificate_, key = os.path.join(folder, "c.pem"), os.path.join(folder, "k.pem")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", key, "-out", certificate_, "-days", "2", "-subj", "/CN=keys.test"]
        command += ["-addext", "subjectAltName=" + ",".join(names), "-addext", "basicConstraints=critical,CA:TRUE"]
        subprocess.run(command, check=True, capture_output=True)
        yield certificate_, key


def serve(handler, port, certificate_, key):
    server = http.server.ThreadingHTTPServer(("0.0.0.0", port), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def leave_uri(target, number):
    return f"/_matrix/federation/v1/send_relay/{number}/{target.owner.user}"


def forged(origin, target, key_ids=("ed25519:a",)):
    """Authorization headers whose signatures fit nothing."""
    signature = text64(bytes(range(64)))
    return [
        f'X-Matrix origin="{origin}",key="{key_id}",sig="{signature}",destination="{target.name}"' for key_id in key_ids
    ]


def put(connection, uri, body, authorizations):
    """Sends one request and returns its status."""
    connection.putrequest("PUT", uri, skip_accept_encoding=True)
    for authorization in authorizations:
        connection.putheader("Authorization", authorization)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    response.read()
    return response.status


def from_addresses(worker, target, until, addresses, *more):
    """Runs `worker(target, until, address, *more)` in a process for each address; the sum of what they spent."""
    with multiprocessing.Pool(len(addresses)) as pool:
        jobs = [pool.apply_async(worker, (target, until, address, *more)) for address in addresses]
        parts = [job.get(timeout=120) for job in jobs]
    return Spent(sum(part.requests for part in parts), sum(part.sent for part in parts))


def repeat(target, until, address, body, authorizations):
    """The same request again and again, on one connection where the relay keeps it."""
    spent = Spent()
    connection = None
    while time.monotonic() < until:
        try:
            if connection is None:
                connection = http.client.HTTPConnection(*target.place, timeout=30, source_address=source(address))
            spent.requests += 1
            status = put(connection, leave_uri(target, spent.requests), body, authorizations)
            if status != 429:
                spent.sent += len(body)
            else:
                time.sleep(0.001)
        except (OSError, http.client.HTTPException):
            connection = None
    return spent


class Attack:
    name = ""
    open_relay = False

    def run(self, target, until):
        raise NotImplementedError


class Bodies(Attack):
    """One body with bad signatures, from four addresses."""

    def __init__(self, name, body, key_ids=("ed25519:a",)):
        self.name, self.body, self.key_ids = name, body, key_ids

    def run(self, target, until):
        stranger = Identity.p2p("stranger").name
        addresses = [f"127.0.2.{n}" for n in range(1, 5)]
        return from_addresses(repeat, target, until, addresses, self.body, forged(stranger, target, self.key_ids))


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
    name = "large bodies that stop one byte short"

    def run(self, target, until):
        addresses = [f"127.0.2.{n}" for n in range(1, 5)]
        with multiprocessing.Pool(8) as pool:  # together all that an address may hold
            sizes = (LARGE, 4_000_000)
            jobs = [pool.apply_async(hold_short, (target, until, at, size)) for at in addresses for size in sizes]
            parts = [job.get(timeout=120) for job in jobs]
        return Spent(sum(part.requests for part in parts), sum(part.sent for part in parts))


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
        with multiprocessing.Pool(len(parts)) as pool:
            jobs = [pool.apply_async(trickle, (target, until, *part)) for part in parts]
            spent = [job.get(timeout=120) for job in jobs]
        return Spent(sum(part.requests for part in spent), sum(part.sent for part in spent))


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
                connection = http.client.HTTPConnection(*target.place, timeout=30, source_address=source(address))
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
        return from_addresses(leave_large, target, until, [f"127.0.2.{n}" for n in range(1, 7)])


def ask_silent(target, until, address, number):
    """Requests of names whose key server takes connections and says nothing."""
    spent = Spent()
    names = [f"127.0.{8 + number}.{1 + i}:{target.key_port + 1}" for i in range(18)]
    connections = []
    for i, name in enumerate(names):
        wire = socket.create_connection(target.place, timeout=30, source_address=source(address))
        body = b'{"pdus":[]}'
        head = f"PUT {leave_uri(target, i)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        head += f"Authorization: {forged(name, target, (f'ed25519:k{number}',))[0]}\r\n\r\n"
        wire.sendall(head.encode() + body)
        spent.requests += 1
        spent.sent += len(head) + len(body)
        connections.append(wire)
    time.sleep(max(0, until - time.monotonic()))
    for wire in connections:
        wire.close()
    return spent


class SilentNames(Attack):
    name = "sixteen addresses with silent names"

    def run(self, target, until):
        with socket.socket() as silent:
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            silent.bind(("0.0.0.0", target.key_port + 1))
            silent.listen(512)
            with multiprocessing.Pool(16) as pool:
                jobs = [pool.apply_async(ask_silent, (target, until, f"127.0.2.{1 + n}", n)) for n in range(16)]
                parts = [job.get(timeout=120) for job in jobs]
        return Spent(sum(part.requests for part in parts), sum(part.sent for part in parts))


def fill(target, until, address, label):
    """Valid mail of one invented name after the other."""
    spent = Spent()
    connection = None
    while time.monotonic() < until:
        stranger = Identity(hashlib.sha256(f"{label} {spent.requests // 50}".encode()).digest())
        try:
            if connection is None:
                connection = http.client.HTTPConnection(*target.place, timeout=30, source_address=source(address))
            uri = leave_uri(target, spent.requests)
            content = {"pdus": [{"type": "spam", "content": {"n": f"{label} {spent.requests}"}}]}
            body = canonical_json(content)
            spent.requests += 1
            put(connection, uri, body, [stranger.sign("PUT", uri, target.name, content)])
            spent.sent += len(body)
        except (OSError, http.client.HTTPException):
            connection = None
    return spent


class InventedNames(Attack):
    name = "mail of invented names"

    def run(self, target, until):
        with multiprocessing.Pool(4) as pool:
            jobs = [pool.apply_async(fill, (target, until, f"127.0.2.{1 + n}", f"name{n}")) for n in range(4)]
            parts = [job.get(timeout=120) for job in jobs]
        return Spent(sum(part.requests for part in parts), sum(part.sent for part in parts))


class Flood(Attack):
    """As many requests as two processes can make."""

    name = "a flood of small bad requests"

    def run(self, target, until):
        stranger = Identity.p2p("stranger").name
        return from_addresses(repeat, target, until, ["127.0.2.1", "127.0.2.2"], b'{"pdus":[]}', forged(stranger, target))


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
        return from_addresses(connect, target, until, [f"127.0.2.{n}" for n in range(1, 21)])


def many_members():
    return b"{" + b",".join(b'"%06x":1' % n for n in range(LARGE // 11)) + b"}"


def many_objects():
    return b'{"pdus":[' + b",".join([b'{"b":1,"a":1}'] * (LARGE // 14)) + b"]}"


def many_numbers(number):
    return b'{"pdus":[{"n":[' + b",".join([number] * (LARGE // (len(number) + 1))) + b"]}]}"


ATTACKS = [
    Bodies("1.1 million members in the root", many_members()),
    Bodies("900,000 objects out of order", many_objects()),
    Bodies("12 MB of integers, signed badly", many_numbers(b"1234567")),
    Bodies("12 MB of floats, signed badly", many_numbers(b"1.50")),
    Bodies("12 MB with eight signatures", many_numbers(b"1.50"), tuple(f"ed25519:k{n}" for n in range(8))),
    OneByteShort(),
    SlowBodies(),
    LargeMail(),
    SilentNames(),
    InventedNames(),
    Flood(),
    Connections(),
]
