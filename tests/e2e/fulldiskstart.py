#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts on a full disk: the program comes up, what is held can be collected, and then there is room for more.

    fulldiskstart.py path/to/restanted path/to/restantectl

Needs Debian's python3-nacl.
"""

import os
import shutil
import sys
import tempfile

from restanted import Restanted, eventually
from matrixwire import Identity, pdu
from fulldisk import MOUNT, PROGRAM, ctl, ids, on_small_disks, small_disk, start

FREE_KIB = (0, 4, 16, 64, 128, 256, 512)
OWNERS = [Identity.p2p(f"owner-{number}") for number in range(3)]
SENDERS = [Identity.p2p(f"sender-{number}") for number in range(20)]
LETTERS = 60  # 20 for each owner, from as many senders
COLLECTED = 5  # in the node's inbox


def fill(folder, size):
    """A relay and node that was killed, and the same after a clean end: held mail, each of `size` bytes, and an inbox."""
    killed, stopped = (os.path.join(folder, name) for name in ("killed", "stopped"))
    with tempfile.TemporaryDirectory(prefix="restante-peer-") as elsewhere:
        os.mkdir(killed, 0o700)
        process = run(killed)
        peer = Restanted(PROGRAM, elsewhere, "--set", "queue.disk_floor_bytes=0").wait_ready()
        relay = process.relay()
        for number in range(LETTERS):
            content = {"pdus": [pdu(number, "x" * size)]}
            owner, sender = OWNERS[number % len(OWNERS)], SENDERS[number // len(OWNERS)]
            assert relay.send_relay(sender, f"t{number}", owner.user, content).status == 200
        for number in range(COLLECTED):
            content = {"pdus": [pdu(number, "y" * 3000)]}
            assert peer.relay().send_relay(SENDERS[0], f"i{number}", f"@me:{process.name}", content).status == 200
        for words in (["relay", "add", peer.name, "--url", peer.base], ["retrieve"]):
            done = ctl(None, *words, folder=killed)
            assert done.returncode == 0, done.stderr
        peer.stop()
        process.kill()
    copy(killed, stopped)
    assert run(stopped).stop() == 0
    return {"kill -9": killed, "a clean stop": stopped}


def copy(folder, to):
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("control"))  # a socket


def run(folder):
    options = ("queue.disk_floor_bytes=0", "node.enabled=true", "node.listen=127.0.0.1:0")
    return Restanted(PROGRAM, folder, *(word for option in options for word in ("--set", option))).wait_ready()


def collect_and_recover(disk):
    process = start(disk, "--open-relay")
    try:
        collect_from(process, disk)
        disk.clear()
        assert process.stop() == 0
    finally:
        process.kill()


def collect_from(process, disk):
    relay = process.relay()
    assert len(ids(disk, "inbox", "list")) == COLLECTED
    got = {owner.name: [entry["transaction"]["pdus"][0]["depth"] - 10 for entry in relay.drain(owner)] for owner in OWNERS}
    for number, owner in enumerate(OWNERS):
        assert got[owner.name] == list(range(number, LETTERS, len(OWNERS))), got
    store = lambda: relay.send_relay(SENDERS[0], "new", OWNERS[0].user, {"pdus": [pdu(999)]}).status == 200
    eventually(store, "what was collected leaves room for new mail")
    assert len(relay.drain(OWNERS[0])) == 1


def a_start_on_a_full_disk_lets_owners_collect_and_then_takes_mail_in():
    recovers(3_000, FREE_KIB)


def mail_that_is_in_the_log_alone_has_room_in_the_reserve():
    recovers(55_000, (0, 64, 512))


def recovers(size, steps):
    failed = []
    with tempfile.TemporaryDirectory(dir=MOUNT) as folder:
        for after, data in fill(folder, size).items():
            for free in steps:
                with small_disk() as disk:
                    copy(data, disk.data)
                    disk.leave(free << 10)
                    try:
                        collect_and_recover(disk)
                    except Exception as error:  # the other steps are of interest, too
                        failed.append(f"{free} KiB free after {after}: {error}")
    assert not failed, "\n        ".join(["", *failed])


if __name__ == "__main__":
    sys.exit(on_small_disks(__file__, [
        a_start_on_a_full_disk_lets_owners_collect_and_then_takes_mail_in,
        mail_that_is_in_the_log_alone_has_room_in_the_reserve,
    ]))
