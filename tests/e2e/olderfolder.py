#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A data folder that an older Restante wrote is opened by this one: nothing in it is lost.

    olderfolder.py RESTANTED RESTANTECTL
    olderfolder.py --make RESTANTED RESTANTECTL     # with the older programs: writes the folder anew

The folder is kept as text in tests/data/olderfolder: both databases as SQL, of the schema of that time, and the files
beside them (its key is good for this test alone). It has mail of two senders for three owners, some of it collected; the
inbox of a node, some of it taken out; a pinned key; settings that a person wrote. All of it follows from the functions
below, so that what comes out can be compared to the byte.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from nodes import Installation, run_ctl
from restanted import run_cases

from matrixwire import Identity, canonical_json, edu, pdu  # restanted.py put conformance/ on the path

KEPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "olderfolder")
DATABASES = ("queue", "node")
FILES = ("settings.json", "identity.key", "node.secret")
OWNERS = [Identity.p2p(f"older-owner-{number}") for number in range(3)]
SENDERS = [Identity.p2p(f"older-sender-{number}") for number in range(2)]
LETTERS = 6  # for each owner
COLLECTED = 2  # of these, before the folder was put away
INBOX, TAKEN_OUT = 5, 2
PINNED = ("pinned.example", "ed25519:older", "kfm6u3NrI4guA7mTLrDKz+sf62oe7bHnZDscWcYjYsA")
# As a person writes them; what is held must not expire while the folder is kept.
SETTINGS = b"""{
  "relay.served": [ {"name":"friend.example", "petname":"Frieda", "known_origins":["Known.example"]} ],
  "queue.expiry_days":    3650,
  "queue.tombstone_days": 3650,
  "node.enabled": true,
  "node.listen": "127.0.0.1:0",
  "federation.allowed_networks": ["127.0.0.0/8"],
  "future.key": "of a later version"
}
"""


def letter(owner, number):
    content = {"origin": SENDERS[number % 2].name, "origin_server_ts": 1_700_000_000_000 + number,
               "pdus": [pdu(100 * owner + number, "Grüße\u0000\"%d\"" % number)]}
    if number % 3 == 0:
        content["edus"] = [edu(number)]
    return content


def send(relay, owner, number, to):
    answer = relay.send_relay(SENDERS[number % 2], f"older-{owner}-{number}", f"@user:{to}", letter(owner, number))
    assert answer.status == 200, (answer.status, answer.body)


def expected(owner, numbers):
    return [(f"older-{owner}-{number}", SENDERS[number % 2].name, canonical_json(letter(owner, number)["pdus"]),
             canonical_json(letter(owner, number).get("edus", []))) for number in numbers]


def shown(entry):
    transaction = entry["transaction"]
    return (entry["transaction_id"], transaction["origin"], canonical_json(transaction["pdus"]),
            canonical_json(transaction.get("edus", [])))


def make(program, ctl):
    work = tempfile.mkdtemp()
    folder = os.path.join(work, "older")
    os.makedirs(folder)
    with open(os.path.join(folder, "settings.json"), "wb") as file:
        file.write(SETTINGS)
    older = Installation(program, folder, "--open-relay").start()
    far = Installation(program, os.path.join(work, "relay"), "--open-relay").start()
    relay = older.process.relay()
    for number in range(LETTERS):
        for owner, identity in enumerate(OWNERS):
            send(relay, owner, number, identity.name)
    for owner in OWNERS:
        entry = relay.next(owner)
        for _ in range(COLLECTED):
            entry = relay.next(owner, entry["entry_id"])
    for number in range(INBOX):
        send(far.process.relay(), 9, number, older.process.name)
    run_ctl(ctl, older, "relay", "add", far.process.name, "--url", far.process.base)
    run_ctl(ctl, older, "retrieve")
    run_ctl(ctl, older, "relay", "remove", far.process.name)
    for row in run_ctl(ctl, older, "inbox", "list")["rows"][:TAKEN_OUT]:
        run_ctl(ctl, older, "inbox", "discard", str(row["id"]))
    run_ctl(ctl, older, "key", "pin", *PINNED)
    assert older.process.stop() == 0 and far.process.stop() == 0
    # The commands wrote the settings; a person's are put back.
    with open(os.path.join(folder, "settings.json"), "wb") as file:
        file.write(SETTINGS)
    os.makedirs(KEPT, exist_ok=True)
    for name in DATABASES:
        with sqlite3.connect(os.path.join(folder, f"{name}.sqlite")) as database, \
                open(os.path.join(KEPT, f"{name}.sql"), "w", encoding="utf-8") as dump:
            dump.write("-- SPDX-License-Identifier: GPL-3.0-or-later\n")
            dump.write(f"PRAGMA auto_vacuum={database.execute('PRAGMA auto_vacuum').fetchone()[0]};\n")
            dump.write("\n".join(database.iterdump()) + "\n")
    for name in FILES:
        shutil.copy(os.path.join(folder, name), os.path.join(KEPT, name))
    shutil.rmtree(work)
    print("written to", os.path.normpath(KEPT))


class Older:
    """The folder as it was kept, opened by the present program."""

    def __init__(self, program, ctl):
        self.ctl, self.work = ctl, tempfile.TemporaryDirectory()
        folder = os.path.join(self.work.name, "folder")
        os.makedirs(folder, mode=0o700)
        for name in FILES:
            shutil.copy(os.path.join(KEPT, name), os.path.join(folder, name))
            os.chmod(os.path.join(folder, name), 0o600)
        for name in DATABASES:
            with open(os.path.join(KEPT, f"{name}.sql"), encoding="utf-8") as dump:
                database = sqlite3.connect(os.path.join(folder, f"{name}.sqlite"), isolation_level=None)
                database.executescript(dump.read())
                database.close()
            os.chmod(os.path.join(folder, f"{name}.sqlite"), 0o600)
        self.versions = [self.version(folder, name) for name in DATABASES]
        self.installation = Installation(program, folder, "--open-relay")

    @staticmethod
    def version(folder, name):
        with sqlite3.connect(os.path.join(folder, f"{name}.sqlite")) as database:
            return database.execute("SELECT version FROM schema_version").fetchone()[0]

    def kept(self, name):
        with open(os.path.join(KEPT, name), "rb") as file:
            return file.read()

    def held(self, name):
        with open(os.path.join(self.installation.folder, name), "rb") as file:
            return file.read()

    def check(self):
        return subprocess.run([self.ctl, "--data-dir", self.installation.folder, "check"], capture_output=True,
                              text=True, timeout=60)

    # The cases, in this order.

    def it_is_of_an_older_schema_and_opens(self):
        self.installation.start()
        assert f"server_name {self.installation.process.name}\n".encode() in self.kept("identity.key")
        now = [self.version(self.installation.folder, database) for database in DATABASES]
        assert all(old < new for old, new in zip(self.versions, now)), (self.versions, now)

    def the_settings_stay_as_a_person_wrote_them(self):
        served = run_ctl(self.ctl, self.installation, "settings", "get", "relay.served")["value"]
        assert served == json.loads(SETTINGS)["relay.served"], served
        assert self.held("settings.json") == self.kept("settings.json") == SETTINGS

    def each_owner_collects_the_rest_in_order_and_to_the_byte(self):
        relay = self.installation.process.relay()
        for owner, identity in enumerate(OWNERS):
            collected = [shown(entry) for entry in relay.drain(identity)]
            assert collected == expected(owner, range(COLLECTED, LETTERS)), (owner, collected)

    def what_was_collected_does_not_come_again(self):
        relay = self.installation.process.relay()
        for owner, identity in enumerate(OWNERS):
            for number in range(LETTERS):
                send(relay, owner, number, identity.name)
            assert not relay.next(identity)["entries_queued"]

    def the_inbox_has_what_was_not_taken_out(self):
        taken = []
        while entry := run_ctl(self.ctl, self.installation, "inbox", "next"):
            taken.append((entry["transaction_id"], entry["origin"], canonical_json(entry["pdus"]),
                          canonical_json(entry["edus"])))
            run_ctl(self.ctl, self.installation, "inbox", "discard", str(entry["id"]))
        assert taken == expected(9, range(TAKEN_OUT, INBOX)), taken

    def the_pinned_key_is_still_pinned(self):
        keys = run_ctl(self.ctl, self.installation, "key", "list", PINNED[0])["keys"]
        assert [(key["server"], key["key_id"], key["key"], key["pinned"]) for key in keys] == [(*PINNED, True)], keys

    def it_is_sound_afterwards(self):
        assert self.installation.process.stop() == 0
        checked = self.check()
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert self.held("identity.key") == self.kept("identity.key")


def main():
    if sys.argv[1] == "--make":
        return make(*(os.path.abspath(path) for path in sys.argv[2:4]))
    older = Older(*(os.path.abspath(path) for path in sys.argv[1:3]))
    try:
        return run_cases([older.it_is_of_an_older_schema_and_opens, older.the_settings_stay_as_a_person_wrote_them,
                          older.each_owner_collects_the_rest_in_order_and_to_the_byte,
                          older.what_was_collected_does_not_come_again, older.the_inbox_has_what_was_not_taken_out,
                          older.the_pinned_key_is_still_pinned, older.it_is_sound_afterwards])
    finally:
        if older.installation.process and older.installation.process.process.poll() is None:
            older.installation.process.kill()


if __name__ == "__main__":
    sys.exit(main())
