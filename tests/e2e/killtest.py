#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills restanted with SIGKILL under load again and again; what was answered 200 must be there afterwards.

    killtest.py path/to/restanted [KILLS]

Senders repeat a transaction until it is answered 200, as homeservers do, so that one whose answer was lost in a kill
arrives twice: it must be held once. Two of them send mail of 3 MB, which is stored in parts: of what was killed on its
way nothing may be left. One owner collects meanwhile; what it got and what is still held at the end must
together be everything, per sender in order. Needs Debian's python3-nacl.
"""

import os
import random
import sqlite3
import sys
import tempfile
import threading
import time

from restanted import Restanted
from matrixwire import Identity, Relay, fresh_label, pdu

KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
SENDERS = 12
LARGE = (1, 6)  # senders, whose mail is in other mailboxes than that which is collected from
LARGE_BYTES = 3_000_000
DESTINATIONS = 4
ERRORS = (OSError, ConnectionError)


class Load:
    """The senders and the collecting owner; they follow the relay to its new port after each restart."""

    def __init__(self):
        import http.client

        self.lost = (OSError, http.client.HTTPException)
        self.base = self.name = None
        self.up = threading.Event()
        self.finish = threading.Event()
        self.answered = threading.Event()  # some 200 came since it was last cleared
        self.destinations = [Identity.p2p(f"kill-destination-{n}-{fresh_label()}") for n in range(DESTINATIONS)]
        self.acknowledged = [[] for _ in range(SENDERS)]  # numbers answered 200, in order
        self.collected = []  # (entry id, depth) of destination 0, in order
        self.failures = []

    def sender(self, number):
        identity = Identity.p2p(f"kill-sender-{number}-{fresh_label()}")
        destination = self.destinations[number % DESTINATIONS]
        count, relay, base = 0, None, None
        while True:
            self.up.wait()
            if base != self.base:
                base, relay = self.base, Relay(self.base, self.name, 5.0)
            content = {"origin_server_ts": int(time.time() * 1000), "pdus": [pdu(number * 1_000_000 + count)]}
            if number in LARGE:
                content["pdus"] += [pdu(0, "x" * 60_000)] * (LARGE_BYTES // 60_000 - 1)
            try:
                reply = relay.send_relay(identity, f"t{count}", destination.user, content)
            except self.lost:
                if self.finish.is_set() and not self.up.is_set():
                    return
                base = None
                continue
            if reply.status != 200:
                self.failures.append((number, count, reply.status, reply.body[:200]))
                return
            self.acknowledged[number].append(count)
            self.answered.set()
            count += 1
            if self.finish.is_set():
                return

    def collector(self):
        owner, relay, base, acknowledged = self.destinations[0], None, None, 0
        while not self.finish.is_set():
            self.up.wait()
            if base != self.base:
                base, relay, acknowledged = self.base, Relay(self.base, self.name, 5.0), 0
            try:
                entry = relay.next(owner, acknowledged)
            except self.lost:
                base = None
                continue
            acknowledged = entry.get("entry_id", 0)
            if entry["entries_queued"]:
                self.collected.append((acknowledged, entry["transaction"]["pdus"][0]["depth"] - 10))


def check(load, held):
    """`held`: per destination the numbers that are still there, in order."""
    assert not load.failures, f"refused: {load.failures[:3]}"
    for destination, numbers in enumerate(held):
        assert len(numbers) == len(set(numbers)), f"destination {destination} holds a transaction twice"
    collected = dict(load.collected)  # the same entry may be handed out twice: its acknowledgement need not survive a kill
    assert len(set(collected.values())) == len(collected), "one transaction was handed out as two entries"
    order = [collected[i] for i in sorted(collected)]
    remaining = [n for n in held[0] if n not in set(order)]
    everything = [order + remaining, *held[1:]]
    for number, acknowledged in enumerate(load.acknowledged):
        there = [n % 1_000_000 for n in everything[number % DESTINATIONS] if n // 1_000_000 == number]
        assert there == sorted(there), f"sender {number}: order was lost"
        missing = set(acknowledged) - set(there)
        assert not missing, f"sender {number}: {len(missing)} transactions answered 200 are gone: {sorted(missing)[:5]}"
        extra = set(there) - set(acknowledged)
        assert len(extra) <= 1, f"sender {number}: {len(extra)} transactions that were never answered are there"


def main() -> int:
    program = sys.argv[1]
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"random seed {seed}")
    chance = random.Random(seed)
    load = Load()
    threads = [threading.Thread(target=load.sender, args=(n,), daemon=True) for n in range(SENDERS)]
    threads.append(threading.Thread(target=load.collector, daemon=True))
    with tempfile.TemporaryDirectory(prefix="restante-kill-", dir=os.getcwd()) as folder:
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            process = Restanted(program, folder).wait_ready()
            load.base, load.name = process.base, process.name
            load.answered.clear()
            load.up.set()
            assert load.answered.wait(30), f"nothing was stored after a restart: {load.failures[:3]}"
            load.finish.wait(chance.uniform(0.02, 0.6))  # a random moment under load
            load.up.clear()
            process.kill()
        process = Restanted(program, folder).wait_ready()
        load.base, load.name = process.base, process.name
        load.finish.set()
        load.up.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a sender did not come to its end"
        relay = Relay(load.base, load.name)
        held = []
        for destination in load.destinations:
            held.append([e["transaction"]["pdus"][0]["depth"] - 10 for e in relay.drain(destination, 1_000_000)])
        check(load, held)
        relay.close()
        assert process.stop() == 0, "SIGTERM must end with status 0"
        database = sqlite3.connect(os.path.join(folder, "queue.sqlite"))
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        parts, unfinished = database.execute("SELECT (SELECT COUNT(*) FROM parts), (SELECT COUNT(*) FROM meta WHERE name "
                                             "GLOB 'unfinished_body:*')").fetchone()
        assert (parts, unfinished) == (0, 0), f"{parts} parts of {unfinished} bodies were left"
        database.close()
    stored = sum(len(a) for a in load.acknowledged)
    large = sum(len(load.acknowledged[number]) for number in LARGE)
    assert large, "no large mail was stored"
    print(f"{KILLS} kills, {stored} transactions answered 200, {large} of them large, {len(load.collected)} handed out meanwhile, all there once, in order")
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
