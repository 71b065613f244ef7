# SPDX-License-Identifier: GPL-3.0-or-later
"""The attacks of strangers.py with names: invented ones, those of others, and those that lead nowhere."""

import contextlib
import hashlib
import http.client
import os
import socket
import sqlite3
import time

from matrixwire import Identity, canonical_json
from strangertools import Attack, Spent, at_once, connected, forged, known_identity, leave_uri, put, source


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
            return at_once(ask_silent, [(target, until, f"127.0.2.{1 + n}", n) for n in range(16)])


def leave(target, connection, identity, user, number, content, client=None):
    """Leaves `content` as mail of `identity`; its status and how many bytes it took."""
    uri = f"/_matrix/federation/v1/send_relay/{number}/{user}"
    body = canonical_json(content)
    return put(connection, uri, body, [identity.sign("PUT", uri, target.name, content)], client), len(body)


def spam(text):
    return {"pdus": [{"type": "spam", "content": {"n": text}}]}


def fill(target, until, address, each=50, clients=1, users=None):
    """Valid mail, `each` of one invented name after the other; for as many clients of one /48 behind a proxy where that
    is more than one. `users`: for whom; else for the owner."""
    spent = Spent()
    connection = None
    while time.monotonic() < until:
        number = spent.requests
        stranger = Identity(hashlib.sha256(f"{address} {number // each}".encode()).digest())
        client = f"2001:db8:1:{number % clients:x}::1" if clients > 1 else None
        user = users(number) if users else target.owner.user
        try:
            connection = connection or connected(target, address)
            spent.requests += 1
            _, size = leave(target, connection, stranger, user, number, spam(f"{address} {number}"), client)
            spent.sent += size
        except (OSError, http.client.HTTPException):
            connection = None
    return spent


class InventedNames(Attack):
    name = "mail of invented names"

    def run(self, target, until):
        return at_once(fill, [(target, until, f"127.0.2.{1 + n}") for n in range(4)])


class NewNames(Attack):
    """What the owner takes of a name makes it known to some degree, and is written down: of an address, for few."""

    name = "a new name for each mail"
    most = 4 * 16  # those of two addresses, and the bystanders'

    def run(self, target, until):
        return at_once(fill, [(target, until, f"127.0.2.{1 + n}", 1) for n in range(2)])

    def judge(self, target):
        with contextlib.closing(sqlite3.connect(os.path.join(target.folder, "queue.sqlite"))) as queue:
            rows = queue.execute("SELECT COUNT(*) FROM pairs WHERE entries = 0").fetchone()[0]
        return [f"{rows} names are remembered without mail"] if rows > self.most else []


class SmallMailbox(Attack):
    """One address and a mailbox that it could fill in a second."""

    name = "a small mailbox and one address"
    settings = {"queue.destination_entries": 2000}

    def run(self, target, until):
        return at_once(fill, [(target, until, "127.0.2.1")] * 2)


def elsewhere(number):
    return f"@x:{hashlib.sha256(str(number).encode()).hexdigest()}"


class Unserved(Attack):
    """One address and the places for servers that are not served, which it could take in a second."""

    name = "mail for servers that nobody serves"
    open_relay = True
    unserved = True
    settings = {"queue.unserved_destinations": 1000}

    def run(self, target, until):
        return at_once(fill, [(target, until, "127.0.2.1", 50, 1, elsewhere)] * 2)


class OneCustomer(Attack):
    """Through a proxy that the settings name, as only that can have many IPv6 addresses here."""

    name = "1,000 names and networks of one /48"
    settings = {"server.trusted_proxy": "127.0.2.1"}

    def run(self, target, until):
        return at_once(fill, [(target, until, "127.0.2.1", 1, 1000)] * 2)


def ask_known(target, until, address, names):
    """Mail of servers whose keys can be had, one of each."""
    spent = Spent()
    connection = None
    for name in names:
        identity = known_identity(name)
        connection = connection or connected(target, address)
        spent.requests += 1
        try:
            spent.sent += leave(target, connection, identity, target.owner.user, spent.requests, spam(name))[1]
        except (OSError, http.client.HTTPException):
            connection = None
    time.sleep(max(0, until - time.monotonic()))
    return spent


class KeyDocuments(Attack):
    """The owner's key was fetched before, and its server answers no more."""

    name = "136 servers with 128 keys each"
    owner_is_named = True

    def prepare(self, target):
        for name in self._names(target):
            target.keys.add(known_identity(name), more=127)

    def run(self, target, until):
        target.keys.quiet.add(target.owner.name)
        names = self._names(target)
        return at_once(ask_known, [(target, until, f"127.0.2.{1 + n}", names[n::8]) for n in range(8)])

    @staticmethod
    def _names(target):
        return [f"127.0.{5 + n // 64}.{1 + n % 64}:{target.key_port}" for n in range(136)]


def ask_in_the_name_of(target, until, address, names):
    """Requests in the name of others, with keys that they do not have."""
    spent = Spent()
    connection = None
    while time.monotonic() < until:
        body = b'{"pdus":[]}'
        name = names[spent.requests % len(names)]
        headers = forged(name, target, (f"ed25519:{address[-1]}x{spent.requests}",))
        try:
            connection = connection or connected(target, address)
            spent.requests += 1
            spent.sent += len(body)
            put(connection, leave_uri(target, spent.requests), body, headers)
        except (OSError, http.client.HTTPException):
            connection = None
    return spent


class NamesOfOthers(Attack):
    """In the names of the owner, whose server does not answer meanwhile, and of the newcomers."""

    name = "keys that others do not have"
    owner_is_named = True

    def run(self, target, until):
        target.keys.quiet.add(target.owner.name)
        names = [target.owner.name] + [name for name in target.keys.documents if name != target.owner.name]
        return at_once(ask_in_the_name_of, [(target, until, f"127.0.2.{1 + n}", names) for n in range(4)])


class Spellings(Attack):
    """One signature over 1.5 as Python spells it, and all the texts that stand for the same number."""

    name = "one signature, spelled in many ways"
    open_relay = True
    spellings = ["1.5", "1.50", "1.500", "15e-1", "0.15e1", "150e-2", "0.015E2", "1.5e0", "1.5E+0", "15.0e-1"]

    def run(self, target, until):
        sender, reader = Identity.p2p("speller"), Identity.p2p("who is written to in many ways")
        uri = f"/_matrix/federation/v1/send_relay/1/{reader.user}"
        header = sender.sign("PUT", uri, target.name, {"pdus": [{"n": 1.5}]})
        spent = Spent()
        connection = connected(target, "127.0.2.1")
        while time.monotonic() < until:
            for number in self.spellings:
                body = b'{"pdus":[{"n":%s}]}' % number.encode()
                put(connection, uri, body, [header])
                spent.requests += 1
                spent.sent += len(body)
        held = len(target.relay().drain(reader))
        if held != 1:
            spent.reached.append(f"one signature made {held} entries")
        return spent


class InsideNames(Attack):
    """What is said of a name does not tell whether it leads inside."""

    name = "names that lead inside"
    inside = ["10.1.2.3:8448", "192.168.1.1:8448", "169.254.169.254:443", "[::1]:8448", "[fd00::1]:8448", "127.0.3.1:22"]

    def run(self, target, until):
        spent = Spent()
        answers = {}
        connection = connected(target, "127.0.2.1")
        while time.monotonic() < until:
            for name in (f"127.0.3.60:{target.key_port + 2}", *self.inside):
                body = b'{"pdus":[]}'
                uri = leave_uri(target, spent.requests)
                connection.request("PUT", uri, body, {"Authorization": forged(name, target)[0]})
                response = connection.getresponse()
                answers.setdefault(name, (response.status, response.read().replace(name.encode(), b"NAME")))
                spent.requests += 1
                spent.sent += len(body)
            time.sleep(0.1)
        if len(set(answers.values())) != 1:
            spent.reached.append(f"answers tell names apart: {answers}")
        return spent


NAMES = [
    SilentNames(),
    InventedNames(),
    NewNames(),
    SmallMailbox(),
    Unserved(),
    OneCustomer(),
    KeyDocuments(),
    NamesOfOthers(),
    Spellings(),
    InsideNames(),
]
