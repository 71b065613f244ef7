# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers can do to a relay, and what others notice of it: a table, one row an attack.

Each attack runs against a fresh restanted with its ordinary limits, from addresses of its own (127.0.2.x). Meanwhile a
listed friend leaves mail for an owner who is served (from 127.0.1.1; each fifth has 200 KB), newcomers whose keys must be
fetched first do so, too (127.0.1.3), and the owner collects (127.0.1.2). A row is held where

- nobody of them was refused anything,
- the program had less than 128 MiB at any time, and ended in order,
- the attack reached nothing else that its row judges,
- the 99th percentile of what friend and newcomers waited was within 3 x of that before the attack, and the owner's within
  2 x; of his, mail above 1 MB does not count, which takes its time on any day.

Strangers have processors of their own, so here the attackers yield to all others on this machine. What it makes everybody
wait nevertheless, because something is built beside it, say, is seen by somebody who does as the friend does with a process
that only writes to the disk what it gets ("machine"). The ratios are those to the time before the attack or to the machine's,
whichever is longer, and up to FLOOR_MS they say nothing.

A row that is not held is tried once more, and the second time counts. With --short, as in CI, the ratios are not judged:
in a second and a half on a machine that builds something else they are chance. Nobody may wait for more than 2 seconds
there.

usage: strangers.py RESTANTED [--seconds N] [--short] [--only NAME ...]; the exit status is 1 if a row is not held
"""

import argparse
import http.client
import json
import multiprocessing
import os
import sys
import tempfile
import time

from restanted import Restanted  # first: it finds the kit for the others

import strangertools
from matrixwire import Identity, canonical_json
from strangerattacks import ATTACKS
from strangertools import KeyServer, PlainServer, Target, known_identity, source

MOST_MIB = 128
MOST_SECONDS = 2  # in the short form
FLOOR_MS = 10
RATIOS = {"friend": 3, "newcomer": 3, "owner": 2}
LARGE_BYTES = 1_000_000
FRIEND, OWNER, NEWCOMER = "127.0.1.1", "127.0.1.2", "127.0.1.3"


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def asks(kind, number, identity, target, unserved, acknowledged):
    """Method, path and content of a bystander's request."""
    if kind == "owner":
        return "GET", f"/_matrix/federation/v1/relay_txn/{identity.user}", {"entry_id": acknowledged}
    kind = "friend" if kind == "machine" else kind
    user = Identity.p2p(f"unserved {number % 20}").user if kind == "newcomer" and unserved else target.owner.user
    text = f"{kind} {number} " + "x" * (200_000 if number % 5 == 0 else 100)
    content = {"pdus": [{"type": "m.room.message", "content": {"body": text}}]}
    return "PUT", f"/_matrix/federation/v1/send_relay/{kind}{number}/{user}", content


def bystander(kind, target, place, identities, address, unserved, pipe):
    """One process: asks again and again, in the name of one identity after the other, and tells (moment, seconds, status,
    bytes of the answer) of each request when it is told to stop."""
    seen = []
    connection = None
    number = 0
    acknowledged = 0
    start = time.monotonic()
    while not pipe.poll(0.02):
        # Another one after ten requests, but no more than one address may have asked for their keys.
        identity = identities[min(number // 10, 15 + int((time.monotonic() - start) / 4)) % len(identities)]
        number += 1
        method, uri, content = asks(kind, number, identity, target, unserved, acknowledged)
        body = canonical_json(content)
        headers = {"Authorization": identity.sign(method, uri, target.name, content), "Content-Type": "application/json"}
        begin = time.monotonic()
        answer = b""
        try:
            if connection is None:
                connection = http.client.HTTPConnection(*place, timeout=30, source_address=source(address))
            connection.request(method, uri, body, headers)
            response = connection.getresponse()
            answer = response.read()
            status = response.status if response.status == 200 else f"{response.status} {answer[:200].decode()}"
            if kind == "owner" and status == 200:
                acknowledged = json.loads(answer).get("entry_id") or 0
        except (OSError, http.client.HTTPException) as error:
            connection, status = None, type(error).__name__
        seen.append((begin, time.monotonic() - begin, status, len(answer)))
    pipe.send(seen)


class Bystanders:
    def __init__(self, target, friend, newcomers, unserved):
        self.parts = {}
        self.plain = PlainServer(target.folder)
        for kind, place, identities, address in (
            ("friend", target.place, [friend], FRIEND),
            ("newcomer", target.place, newcomers, NEWCOMER),
            ("owner", target.place, [target.owner], OWNER),
            ("machine", self.plain.place, [friend], FRIEND),
        ):
            here, there = multiprocessing.Pipe()
            process = multiprocessing.Process(
                target=bystander, args=(kind, target, place, identities, address, unserved, there)
            )
            process.start()
            self.parts[kind] = (process, here)

    def end(self):
        """{kind: [(moment, seconds, status, bytes)]}"""
        for _, pipe in self.parts.values():
            pipe.send("stop")
        seen = {}
        for kind, (process, pipe) in self.parts.items():
            assert pipe.poll(60), f"the {kind} does not end"
            seen[kind] = pipe.recv()
            process.join()
        self.plain.stop()
        return seen


def memory_mib(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))


def start(program, attack, folder, owner, friend, certificate):
    settings = {"relay.served": [{"name": owner.name, "known_origins": [friend.name]}], **attack.settings}
    settings |= {"federation.allowed_networks": ["127.0.0.0/8"], "federation.ca_file": certificate}
    with open(os.path.join(folder, "settings.json"), "w", encoding="ascii") as file:
        json.dump(settings, file)
    return Restanted(program, folder, open_relay=attack.open_relay).wait_ready()


def run(program, attack, seconds):
    """One row: what it cost and what was seen."""
    with tempfile.TemporaryDirectory() as folder, strangertools.certificate() as (certificate, key):
        port = strangertools.free_port()
        friend = Identity.p2p("friend")
        owner = known_identity(f"127.0.4.1:{port}") if attack.owner_is_named else Identity.p2p("owner")
        newcomers = [known_identity(f"127.0.3.{n}:{port}") for n in range(1, 65)]
        keys = KeyServer(port, certificate, key)
        for identity in (owner, *newcomers):
            keys.add(identity)
        relay = start(program, attack, folder, owner, friend, certificate)
        host, _, relay_port = relay.base.rpartition("/")[2].partition(":")
        target = Target((host, int(relay_port)), relay.name, owner, port, keys, folder)
        attack.prepare(target)
        bystanders = Bystanders(target, friend, newcomers, attack.unserved)
        time.sleep(max(1, seconds))
        begin = time.monotonic()
        spent = attack.run(target, begin + seconds)
        end = time.monotonic()
        time.sleep(0.5)
        seen = bystanders.end()
        most, after = (memory_mib(relay.process.pid, field) for field in ("VmHWM", "VmRSS"))
        log = relay.errors[-3:]
        status = relay.stop()
        keys.stop()
        spent.reached += attack.judge(target)
    if status != 0:
        spent.reached.append(f"the program ended with status {status}: {log}")
    return Row(attack.name, spent, seen, begin, end, most, after)


class Row:
    def __init__(self, name, spent, seen, begin, end, most, after):
        self.name, self.spent, self.most, self.after = name, spent, most, after
        self.quiet, self.meanwhile, self.refused = {}, {}, {}
        for who, requests in seen.items():
            before = [took for at, took, _, size in requests if at < begin and size < LARGE_BYTES]
            during = [took for at, took, _, size in requests if begin <= at < end and size < LARGE_BYTES]
            self.quiet[who], self.meanwhile[who] = percentile(before, 0.99) * 1000, percentile(during, 0.99) * 1000
            self.refused[who] = [status for _, _, status, _ in requests if status != 200]

    def faults(self, short):
        for who, statuses in self.refused.items():
            if statuses:
                yield f"the {who} was refused {len(statuses)} times: {statuses[:2]}"
        for who, ratio in RATIOS.items():
            waited = self.meanwhile[who]
            most = max(FLOOR_MS, ratio * max(self.quiet[who], self.meanwhile["machine"]))
            if not waited <= (MOST_SECONDS * 1000 if short else most):  # nor if nothing was answered
                yield f"the {who} waited {waited:.0f} ms" + ("" if short else f" and not {most:.0f}")
        if self.most >= MOST_MIB:
            yield f"{self.most:.0f} MiB"
        yield from self.spent.reached

    def text(self, faults):
        cells = [f"{self.name:<40}", f"{self.spent.requests:>8}", f"{self.spent.mib:>7.1f}"]
        cells += [f"{self.quiet[who]:>7.1f} {self.meanwhile[who]:>7.1f}" for who in self.quiet]
        cells.append(f"{self.most:>5.0f} {self.after:>5.0f}")
        cells.append("NOT held: " + "; ".join(faults) if faults else "held")
        return " | ".join(cells)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    people = [f"{who + ' p99 ms':<15}" for who in (*RATIOS, "machine")]
    print(" | ".join([f"{'':<40}", "what it cost      ", *people, "memory MiB ", ""]))
    print(" | ".join([f"{'attack':<40}", "requests |     MiB", *["  quiet  during"] * 4, " most after", ""]), flush=True)
    failed = 0
    for attack in ATTACKS:
        if options.only and attack.name not in options.only:
            continue
        for last in (False, True):
            row = run(options.program, attack, options.seconds)
            faults = list(row.faults(options.short))
            print(row.text(faults) + (" (tried again)" if faults and not last else ""), flush=True)
            if not faults:
                break
        failed += bool(faults)
    print(f"{failed} attacks are NOT held" if failed else "every attack is held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
