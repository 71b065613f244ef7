#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single pages of the databases become unreadable while the program runs: what does not lie on them goes on.

    brokenpages.py path/to/restanted path/to/restantectl path/to/libfaultyreads.so [PAGES [SEED]]

One page at a time fails, with an error of the disk or with wrong bytes; senders store, owners collect, the operator
asks. Prints a line for each page where anybody noticed something. What a page belongs to, and so who may notice, is
read from the database itself, see Page. No store is refused, whatever lies on the page: it waits for the repair. Needs
Debian's python3-nacl.
"""

import contextlib
import json
import mmap
import os
import random
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

from restanted import Restanted, eventually
from matrixwire import Identity, Relay, pdu

PROGRAM, CTL, SHIM = (os.path.abspath(path) for path in sys.argv[1:4])
PAGES = int(sys.argv[4]) if len(sys.argv) > 4 else 120
MOST_SECONDS = 90  # then no further page is broken
SEED = int(sys.argv[5]) if len(sys.argv) > 5 else int.from_bytes(os.urandom(4), "big")
OWNERS = [Identity.p2p(f"owner-{number}") for number in range(6)]
SENDERS = [Identity.p2p(f"sender-{number}") for number in range(9)]
LETTERS, INBOX, FEW = 360, 40, 8
ANSWER_SECONDS = 10  # a client that waits longer counts as hanging
QUEUE, NODE = "queue.sqlite", "node.sqlite"
DISK_ERROR, WRONG_BYTES = 1, 2

# Whole trees of which everybody's mail needs the root and what lies between it and the leaves.
TO_COLLECT = {"sqlite_schema", "destinations", "sqlite_autoindex_destinations_1", "origins", "entries", "positions"}
TO_STORE = TO_COLLECT | {"sqlite_autoindex_origins_1", "meta", "pairs", "pairs_by_origin", "labels", "addresses",
                         "addresses_by_address", "contents", "tombstones", "movements"}
# Those that may notice something may do so for a moment: then the page is made anew, with its table or with all of the database.
# Only what tables there are stands nowhere else.
NEVER_MENDED = {"sqlite_schema"}
REWRITTEN = ".damaged-"  # is in the name of what was written anew
BY_ARRIVAL = {"entries", "tombstones", "movements"}  # what comes is added to the last leaf


class Fault:
    """What the program reads wrongly, in memory that it shares with faultyreads.cpp."""

    def __init__(self, path):
        with open(path, "wb+") as file:
            file.truncate(mmap.PAGESIZE)
            self.memory = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    def set(self, path, begin, end, kind):
        status = os.stat(path)
        self.memory[8:48] = struct.pack("=5Q", status.st_dev, status.st_ino, begin, end, 0)
        self.memory[0:8] = struct.pack("=Q", kind)

    def clear(self):
        """How often it was met."""
        self.memory[0:8] = struct.pack("=Q", 0)
        return struct.unpack("=Q", self.memory[40:48])[0]


# --- what a page belongs to ----------------------------------------------------------------------------------

def varint(data, at):
    value = 0
    for count in range(9):
        byte = data[at + count]
        if count == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at + count + 1


def integer(data, at, kind):
    size = (0, 1, 2, 3, 4, 6, 8)[kind] if kind < 7 else 0
    return int.from_bytes(data[at:at + size], "big", signed=True) if size else kind - 8 if kind in (8, 9) else None


def leaf_keys(data):
    """The row ids of a table's leaf, the first columns of an index's."""
    table = data[0] == 0x0D
    keys = []
    for cell in range(int.from_bytes(data[3:5], "big")):
        at = int.from_bytes(data[8 + 2 * cell:10 + 2 * cell], "big")
        _, at = varint(data, at)
        if table:
            keys.append(varint(data, at)[0])
        else:
            length, first = varint(data, at)
            keys.append(integer(data, at + length, varint(data, first)[0]))
    return keys


class Page:
    """`owners`: whose mail may notice. `stores`, `collects`: whether everybody's may: the page is in everybody's way.
    `letters`: entries that lie on it, which may be set aside. `near`: it is likely to be read soon."""

    def __init__(self, name, number, tree, kind, path):
        self.name, self.number, self.tree, self.kind, self.path = name, number, tree, kind, path
        self.owners, self.stores, self.collects, self.letters = set(), False, False, 0
        self.near = path == "/" or kind == "internal"

    def __str__(self):
        return f"page {self.number} of {self.name}, {self.tree} {self.kind}"


def keys_on(page, data):
    return leaf_keys(data[page.number])


def owners_of(data, names):
    """Of a leaf with the positions or contents of destinations; `names`: by number."""
    numbers = set(leaf_keys(data)) & set(names)
    if not numbers:
        return set(names.values())
    # A search for what lies between two leaves comes to either.
    numbers |= set(sorted(n for n in names if n < min(numbers))[-1:]) | set(sorted(n for n in names if n > max(numbers))[:1])
    return {names[number] for number in numbers}


def live_name(tree, table):
    """What a tree is called where nothing was made anew; what was put aside keeps the name that says so."""
    if table.startswith("damaged_"):
        return table
    return tree if tree.startswith("sqlite_") else re.sub(r"_\d+$", "", tree)


def emptied(database):
    """Whether the log of a database is empty now."""
    return database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


@contextlib.contextmanager
def standing_still(path):
    """A connection to a database that nobody changes meanwhile, all of which is in its file."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        def still():
            emptied(database)
            database.execute("BEGIN IMMEDIATE")
            if os.path.getsize(path + "-wal") == 0:
                return True
            database.execute("ROLLBACK")
            return False

        eventually(still, f"{path} stands still")
        yield database
        database.execute("ROLLBACK")


def pages_of(folder, name):
    with standing_still(os.path.join(folder, name)) as database:
        tables = {"sqlite_schema": "sqlite_schema", **dict(database.execute("SELECT name, tbl_name FROM sqlite_schema"))}
        found = {number: Page(name, number, live_name(tree, tables[tree]), kind, path)
                 for tree, kind, path, number in database.execute("SELECT name, pagetype, path, pageno FROM dbstat")}
        count, = database.execute("PRAGMA page_count").fetchone()
        size, = database.execute("PRAGMA page_size").fetchone()
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        if name == QUEUE:
            names = {number: text.decode() for number, text in database.execute("SELECT id, name FROM destinations")}
            rows = dict(database.execute("SELECT arrival, destination FROM entries"))
            oldest = {row for number in names for row, in database.execute(
                "SELECT arrival FROM entries WHERE destination = ? ORDER BY id LIMIT 3", (number,))}
    pages = [found.get(number, Page(name, number, "no tree", "free or map", "")) for number in range(1, count + 1)]
    if name != QUEUE:
        return pages, size
    data = {page.number: content[(page.number - 1) * size:page.number * size] for page in pages}
    last = {}
    for page in pages:
        if page.kind == "leaf" and page.tree in BY_ARRIVAL:
            last[page.tree] = max(last.get(page.tree, page), page, key=lambda each: each.path)
    leaves = {page.path: page for page in pages if page.kind == "leaf" and page.tree == "entries"}
    for page in pages:
        way = page.path == "/" or page.kind == "internal"
        page.collects = way and page.tree in TO_COLLECT
        # Room for what is added comes from the free pages, and the map knows which are.
        page.stores = way and page.tree in TO_STORE or page.tree == "no tree" or page is last.get(page.tree)
        if page.tree == "entries" and way:
            below = [keys_on(leaf, data) for path, leaf in leaves.items() if path.startswith(page.path)]
            page.owners, page.letters = {names[rows[key]] for keys in below for key in keys}, sum(map(len, below))
        if page.kind == "leaf" and page.tree in ("positions", "contents"):
            page.owners, page.near = owners_of(data[page.number], names), True
        if page.tree != "entries" or way:
            continue
        keys = keys_on(page, data) if page.kind == "leaf" else []
        if page.kind == "overflow":
            leaf, cell = page.path.rsplit("/", 1)
            keys = [keys_on(leaves[leaf + "/"], data)[int(cell.split("+")[0], 16)]]
        page.owners, page.letters = {names[rows[key]] for key in keys}, len(keys)
        page.near = page is last["entries"] or any(key in oldest for key in keys)
    return pages, size


# --- what goes on meanwhile ----------------------------------------------------------------------------------

class Office:
    """A relay and node, its senders and owners, and what became of their mail."""

    def __init__(self, folder, fault):
        self.folder, self.fault = folder, fault
        self.counter = self.aside = 0
        self.stored = {owner.name: {} for owner in OWNERS}  # number to text, answered 200
        self.handed = {owner.name: set() for owner in OWNERS}
        self.pending = {owner.name: 0 for owner in OWNERS}  # to be acknowledged
        self.failed = []
        self.start()

    def start(self):
        environment = {**os.environ, "RESTANTE_FAULTY_READS": self.fault, "LD_PRELOAD": SHIM,
                       # The sanitizers want to be first.
                       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        self.process = Restanted(PROGRAM, self.folder, "--set", "queue.disk_floor_bytes=0", "--set", "node.enabled=true",
                                 "--set", "node.listen=127.0.0.1:0", env=environment).wait_ready()
        self.relay = Relay(self.process.base, self.process.name, ANSWER_SECONDS)

    def is_up(self):
        return self.process.process.poll() is None

    def store(self, owner):
        number, self.counter = self.counter, self.counter + 1
        text = f"{number} " + "x" * (40_000 if number % 8 == 0 else 1_500)
        sender = SENDERS[number % len(SENDERS)]
        reply = self.relay.send_relay(sender, f"t{number}", owner.user, {"pdus": [pdu(number, text)]})
        if reply.status == 200:
            self.stored[owner.name][number] = text
        return self.status_of(reply)

    def collect(self, owner):
        """Acknowledges what came last, and takes the next."""
        reply = self.relay.relay_txn(owner, owner.user, {"entry_id": self.pending[owner.name]})
        if reply.status != 200:
            return self.status_of(reply)
        self.pending[owner.name] = self.take(owner, reply.json)
        return 200 if self.pending[owner.name] else "nothing"

    def take(self, owner, entry):
        if not entry["entries_queued"]:
            return 0
        event = entry["transaction"]["pdus"][0]
        number = event["depth"] - 10
        # What was not answered may be there all the same.
        expected = self.stored[owner.name].get(number)
        if expected not in (None, event["content"]["body"]):
            self.failed.append(f"{owner.name[:6]} got other bytes than were stored as {number}")
        self.handed[owner.name].add(number)
        return entry["entry_id"]

    def left(self, owner):
        """How many an owner can still get, by what was answered and by what the log says is kept from him."""
        hidden = {found.group(1) for line in self.process.errors if "is set aside" in line or "is held back" in line
                  for found in [re.search(rf"ntry (\d+) of {owner.name} ", line)] if found}
        return len(self.stored[owner.name].keys() - self.handed[owner.name]) - len(hidden | self.listed(owner))

    def listed(self, owner):
        """The ids of an owner's entries that are listed as set aside."""
        path = "file:" + os.path.join(self.folder, QUEUE) + "?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True)) as database:
            return {str(number) for number, in database.execute(
                "SELECT q.id FROM quarantine q JOIN destinations d ON d.id = q.destination WHERE d.name = ?",
                (owner.name.encode(),))}

    def says_others_are_lost(self):
        return any("others may be lost" in line for line in self.process.errors)

    def drop_rewritten(self):
        """Waits until the database is the one that stays, and removes what was damaged: more than a few are not kept."""
        eventually(lambda: not os.path.exists(os.path.join(self.folder, QUEUE + ".rewrite")), "the mending has ended")
        for name in os.listdir(self.folder):
            if REWRITTEN in name:
                os.remove(os.path.join(self.folder, name))

    def says_all_is_hidden(self, owner):
        """The log's lines come a moment after the answer."""
        deadline = time.monotonic() + 2
        while self.left(owner) > 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.left(owner) <= 0

    def fill_up(self):
        """So that everybody has something to collect."""
        for owner in OWNERS:
            for _ in range(FEW - self.left(owner)):
                assert self.store(owner) == 200, self.process.errors[-3:]

    @staticmethod
    def status_of(reply):
        return reply.status if reply.status == 200 or reply.errcode else f"{reply.status} without words"

    def ctl(self, *words):
        return subprocess.run([CTL, "--data-dir", self.folder, *words], capture_output=True, text=True,
                              timeout=ANSWER_SECONDS, check=False)

    def set_aside(self):
        """How many entries are; a text where that is not told."""
        done = self.ctl("queues", "--json")
        return json.loads(done.stdout)["quarantined"] if done.returncode == 0 else f"queues: {done.stderr.strip()[:200]}"

    def forget_what_was_read(self):
        """A change by somebody else makes every connection read anew; and nothing is left in the logs."""
        for name, change in ((QUEUE, "INSERT INTO meta (name, number) VALUES ('probe', 1)"),
                             (NODE, "INSERT INTO meta (name, value) VALUES ('probe', x'01')")):
            with contextlib.closing(sqlite3.connect(os.path.join(self.folder, name), isolation_level=None)) as database:
                database.execute(change + " ON CONFLICT (name) DO NOTHING")
                database.execute("DELETE FROM meta WHERE name = 'probe'")
                eventually(lambda d=database: emptied(d), f"the log of {name} can be emptied")


def fill(office, elsewhere):
    for number in range(LETTERS):
        assert office.store(OWNERS[number % len(OWNERS)]) == 200
    peer = Restanted(PROGRAM, elsewhere, "--set", "queue.disk_floor_bytes=0").wait_ready()
    for number in range(INBOX):
        content = {"pdus": [pdu(number, "y" * (40_000 if number % 8 == 0 else 5_000))]}
        assert peer.relay().send_relay(SENDERS[0], f"i{number}", f"@me:{office.process.name}", content).status == 200
    for words in (["relay", "add", peer.name, "--url", peer.base], ["retrieve"], ["relay", "remove", peer.name]):
        done = office.ctl(*words)
        assert done.returncode == 0, done.stderr
    assert peer.stop() == 0
    # Positions and contents get their rows when the totals are written.
    assert office.process.stop() == 0
    office.start()


def works(office):
    return all(office.store(owner) == 200 and office.collect(owner) in (200, "nothing") for owner in OWNERS)


def notices(office, page, kind, errors_before):
    """What anybody notices of `page`, which is broken now; and of that what nobody should."""
    seen, wrong = [], []

    def note(text, allowed):
        seen.append(text)
        if not allowed:
            wrong.append(text)

    # Twice: what a first request was told of is not read again for the next.
    for owner in OWNERS + OWNERS:
        own = owner.name in page.owners
        for what, act, may in (("store for", office.store, page.stores), ("collect of", office.collect, page.collects)):
            try:
                answer = act(owner)
            except OSError as error:
                answer = f"no answer ({type(error).__name__})"
            if answer != 200:
                # An owner's own mail may be held back or set aside, never without words. Stores wait for the repair.
                mended = act == office.store and page.tree not in NEVER_MENDED
                note(f"{what} {owner.name[:6]}: {answer}", (own or may) and answer == 503 and not mended or
                     answer == "nothing" and (own or office.says_all_is_hidden(owner)))
    if page.name == QUEUE and page.tree not in NEVER_MENDED:
        began = time.monotonic()
        try:
            eventually(lambda: works(office), "everybody's mail is taken in and handed out")
        except AssertionError as error:
            note(f"is not mended: {error}", False)
        if seen and time.monotonic() - began > 1:
            seen.append(f"mended after {time.monotonic() - began:.0f} s")
    status = office.ctl("status", "--json")
    if status.returncode != 0:
        note(f"status: {status.returncode} {status.stderr.strip()}", False)
    if page.name == NODE:
        for words in (["inbox", "list"], ["inbox", "next"], ["inbox", "list", "--limit", "5"]):
            done = office.ctl(*words)
            if done.returncode != 0:
                in_the_way = page.tree in ("sqlite_schema", "inbox")  # the others are needed for no entry
                note(f"{' '.join(words)}: {done.stderr.strip()[:200]}", in_the_way and done.returncode == 1 and done.stderr)
    said = office.process.errors[errors_before:]
    refused = any(": 503" in text for text in seen)
    if refused and not said and not (status.returncode == 0 and json.loads(status.stdout)["reasons"]):
        note("refused, and neither log nor status say so", False)
    aside = office.set_aside()
    if isinstance(aside, str) and page.tree not in NEVER_MENDED:
        note(aside, True)  # and for a moment only
        try:
            eventually(lambda: not isinstance(office.set_aside(), str), "what is held is shown")
        except AssertionError as error:
            note(str(error), False)
        aside = office.set_aside()
    if not isinstance(aside, str) and aside != office.aside:
        note(f"{aside - office.aside} set aside", aside - office.aside <= page.letters)
        office.aside = aside
    if said:
        seen.append(f"log: {said[-1].split(' ', 1)[-1][:150]}")
    return seen, wrong


def break_page(office, fault, page, size, kind):
    """A line for people, and what was wrong."""
    errors_before = len(office.process.errors)
    fault.set(os.path.join(office.folder, page.name), (page.number - 1) * size, page.number * size, kind)
    try:
        seen, wrong = notices(office, page, kind, errors_before)
    except subprocess.TimeoutExpired as error:
        seen = wrong = [f"no answer to {error.cmd[3:]}"]
    rewritten = any(name.startswith(QUEUE + REWRITTEN) for name in os.listdir(office.folder))
    met = fault.clear()
    if not office.is_up():
        wrong = [*wrong, f"ended with status {office.process.process.poll()}: {office.process.errors[-3:]}"]
        office.start()
    else:
        office.drop_rewritten()
        office.forget_what_was_read()
        answer = office.store(OWNERS[0])
        if answer != 200:
            wrong = [*wrong, f"afterwards a store is answered {answer}"]
    concerned = " ".join(sorted(name[:6] for name in page.owners)) or "-"
    line = f"{page} ({concerned}), {'EIO' if kind == DISK_ERROR else 'wrong bytes'}, met {met} times: "
    return line + ("; ".join(seen) or "unnoticed") + ("; written anew" if rewritten else ""), wrong, met


def check_the_end(office):
    """What was answered 200 was collected, or is there, since what had been set aside can be read again and came back; or
    it was on a page that had to be given up, and is listed."""
    may_be_lost = office.says_others_are_lost()
    assert office.process.stop() == 0, office.process.errors[-3:]
    office.start()
    for owner in OWNERS:
        for entry in office.relay.drain(owner):
            office.take(owner, entry)
    aside = office.set_aside()
    for owner in OWNERS:
        missing = office.stored[owner.name].keys() - office.handed[owner.name]
        listed = len(office.listed(owner))
        assert len(missing) <= listed or may_be_lost, \
            f"{len(missing)} of {owner.name[:6]} answered 200 are gone, {listed} are listed: {sorted(missing)[:9]}"
    assert office.process.stop() == 0
    print(f"{office.counter} asked for, {sum(map(len, office.stored.values()))} answered 200, {aside} set aside")


def main():
    print(f"random seed {SEED}")
    chance = random.Random(SEED)
    began = time.monotonic()
    met_pages = broken = tried = 0
    with tempfile.TemporaryDirectory(prefix="restante-pages-") as folder, \
            tempfile.TemporaryDirectory(prefix="restante-peer-") as elsewhere:
        data, shared = os.path.join(folder, "data"), os.path.join(folder, "fault")
        os.mkdir(data, 0o700)
        fault = Fault(shared)
        office = Office(data, shared)
        try:
            fill(office, elsewhere)
            done = set()
            for number in range(PAGES):
                if time.monotonic() - began > MOST_SECONDS:
                    break
                tried += 1
                office.fill_up()
                office.forget_what_was_read()
                pages, size = pages_of(data, NODE if number % 6 == 5 else QUEUE)
                fresh = [page for page in pages if (page.name, page.number) not in done] or pages
                near = [page for page in fresh if page.near or page.name == NODE]
                page = chance.choice(near if near and number % 3 else fresh)
                done.add((page.name, page.number))
                # What has no sum of its own would be written back with the wrong bytes in it.
                kind = DISK_ERROR if page.tree == "no tree" else chance.choice((DISK_ERROR, WRONG_BYTES))
                line, wrong, met = break_page(office, fault, page, size, kind)
                if page.tree in NEVER_MENDED and met and office.is_up():
                    # A mending that failed is followed by a pause (core/queue/writerdamage.cpp), in which the next page would
                    # be met; each is to be judged by itself.
                    assert office.process.stop() == 0, office.process.errors[-3:]
                    office.start()
                met_pages += met > 0
                if wrong:
                    broken += 1
                    office.failed += [f"{page}: {text}" for text in wrong]
                if wrong or not line.endswith("unnoticed"):
                    print(("FAIL  " if wrong else "ok    ") + line + ("".join(f"\n        WRONG: {w}" for w in wrong)), flush=True)
            check_the_end(office)
        finally:
            office.process.kill()
    print(f"{tried} pages, {met_pages} of them met, {time.monotonic() - began:.0f} s")
    print(f"{tried - broken} passed, {broken} failed")
    for text in office.failed:
        print(f"        {text}")
    return 1 if office.failed or not met_pages else 0


if __name__ == "__main__":
    sys.exit(main())
