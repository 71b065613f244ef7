# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that a core dump of restanted would hold has its secret key: reads all memory that is not kept out of core
dumps (MADV_DONTDUMP) after the key was made, loaded and used, and looks for the key as it is, as text, and expanded.

usage: memorysecrets.py RESTANTED
"""

import base64
import hashlib
import re
import sys
import tempfile

from restanted import Restanted
from matrixwire import Identity


def dumped_regions(pid):
    """(begin, end) of each region that a core dump has."""
    region = None
    with open(f"/proc/{pid}/smaps", encoding="ascii", errors="replace") as smaps:
        for line in smaps:
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line)
            if head:
                region = (int(head[1], 16), int(head[2], 16), head[3])
            elif line.startswith("VmFlags:") and region[2].startswith("r"):
                flags = line.split()[1:]
                if "dd" not in flags and "io" not in flags:
                    yield region[:2]


def holders(pid, needles):
    """Which needles stand in memory, and where."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end in dumped_regions(pid):
            try:
                memory.seek(begin)
                bytes_ = memory.read(end - begin)
            except OSError:
                continue  # [vvar] and the like
            for name, needle in needles.items():
                at = bytes_.find(needle)
                if at >= 0:
                    yield f"{name} at {begin + at:#x}"


def needles_of(folder):
    with open(f"{folder}/identity.key", encoding="ascii") as file:
        lines = [line.split() for line in file]
    text = next(words[2] for words in lines if words and words[0] == "ed25519")
    seed = base64.b64decode(text + "=" * (-len(text) % 4))
    assert len(seed) == 32, "identity.key has another form than this test knows"
    expanded = bytearray(hashlib.sha512(seed).digest())
    expanded[0] &= 248
    expanded[31] = (expanded[31] & 127) | 64
    return {"the seed": seed, "its text": text.encode(), "the expanded key": bytes(expanded[:32])}


def look(program, folder, when, *options):
    """Starts it, has it verify and sign something, and looks for its key."""
    relay = Restanted(program, folder, *options).wait_ready()
    sender, owner = Identity.p2p("sender"), Identity.p2p("owner")
    target = f"/_matrix/federation/v1/send_relay/1/{owner.user}"
    authorization = sender.sign("PUT", target, relay.name, {"pdus": []})
    reply = relay.relay().request("PUT", target, b'{"pdus":[]}', {"Authorization": authorization})
    assert reply.status == 200, reply
    key = relay.relay().request("GET", "/_matrix/key/v2/server")
    assert key.status == 200, key
    found = list(holders(relay.process.pid, needles_of(folder)))
    public = list(holders(relay.process.pid, {"the name": relay.name.encode()}))
    assert relay.stop() == 0
    assert not found, f"after the key was {when}: {found}"
    assert public, "the search does not even find what is there"


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        look(program, folder, "made")
        look(program, folder, "loaded")
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("w") as key:
        seed = base64.b64encode(hashlib.sha256(b"of a homeserver").digest()).decode().rstrip("=")
        key.write(f"ed25519 a_AbCd {seed}\n")
        key.flush()
        look(program, folder, "imported", "--import-key", key.name, "--server-name", "relay.example")
    print("no core dump would hold the key")


main()
