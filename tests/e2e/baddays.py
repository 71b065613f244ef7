#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad days of a running relay: wrong options, damaged files, full disks, locked databases, too few descriptors.

    baddays.py path/to/restanted path/to/restantectl

Every failure must be said in one clear line or answered on the wire; nothing accepted is lost; where the cause goes away
the relay recovers by itself. Needs Debian's python3-nacl. As root or with unprivileged user namespaces, because a full
disk is made with a small file system of its own.
"""

import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request

from restanted import WAIT_SECONDS, Restanted, eventually, run_cases
from matrixwire import Identity, fresh_label, pdu

PROGRAM, CTL = (os.path.abspath(path) for path in sys.argv[1:3])


def folder():
    return tempfile.TemporaryDirectory(prefix="restante-bad-", dir=os.getcwd())


def pair():
    label = fresh_label()
    return Identity.p2p("sender-" + label), Identity.p2p("destination-" + label)


def refused_start(path, status, *options, words, **popen):
    """Starts where that cannot work: expects the exit status and one clear line that holds `words`."""
    process = Restanted(PROGRAM, path, *options, **popen)
    assert process.wait() == status, f"exit status {process.process.returncode}: {process.errors}"
    eventually(lambda: any(words in line for line in process.errors), f"'{words}' in {process.errors}")
    assert process.lines.get(timeout=5) is None, "nothing but a ready line belongs on standard output"
    return process


# --- starting ------------------------------------------------------------------------------------------------

def unusable_options_end_with_status_2_and_change_nothing():
    for options in (["--nonsense"], ["--set", "no.such.key=1"], ["--set", "queue.expiry_days=many"], ["--set", "nothing"],
                    ["--listen", "nowhere"], ["--listen", "127.0.0.1:99999"], ["--serve", "not a name!"],
                    ["--import-key", "/nonexistent", "--server-name", "a.example"], ["--import-key", "/nonexistent"],
                    ["--tls-cert", "/nonexistent"], ["stray"]):
        with folder() as path:
            process = Restanted(PROGRAM, path, *options)
            assert process.wait() == 2, f"{options}: {process.process.returncode} {process.errors}"
            eventually(lambda p=process: p.errors, f"a line for {options}")
            assert not os.path.exists(os.path.join(path, "identity.key")), f"{options} made an identity"


def a_port_in_use_is_said():
    with socket.socket() as holder, folder() as path:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = subprocess.run([PROGRAM, "--data-dir", path, "--listen", f"127.0.0.1:{port}"], capture_output=True, text=True,
                                 timeout=WAIT_SECONDS, check=False)
        assert process.returncode == 1, process.returncode
        assert str(port) in process.stderr and "in use" in process.stderr, process.stderr


def one_folder_runs_once():
    with folder() as path:
        first = Restanted(PROGRAM, path).wait_ready()
        refused_start(path, 1, words="already")
        assert first.stop() == 0


def a_damaged_key_file_is_said_and_kept():
    with folder() as path:
        first = Restanted(PROGRAM, path).wait_ready()
        assert first.stop() == 0
        key = os.path.join(path, "identity.key")
        assert stat.S_IMODE(os.stat(key).st_mode) == 0o600
        for damage in (b"", b"rubbish\n", open(key, "rb").read()[:-20]):
            with open(key, "wb") as file:
                file.write(damage)
            refused_start(path, 1, words="identity.key")
            assert open(key, "rb").read() == damage, "a damaged key file was overwritten"


def an_identity_under_which_mail_was_held_is_never_replaced_by_an_import():
    with folder() as path:
        first = Restanted(PROGRAM, path, "--open-relay").wait_ready()
        sender, destination = pair()
        assert first.relay().send_relay(sender, "t1", destination.user, {"pdus": [pdu(1)]}).status == 200
        assert first.stop() == 0
        before = open(os.path.join(path, "identity.key"), "rb").read()
        signing = os.path.join(path, "signing.key")
        with open(signing, "w") as file:
            file.write("ed25519 a_AbCd " + "A" * 42 + "E\n")
        refused_start(path, 2, "--import-key", signing, "--server-name", "a.example", words="identity")
        assert open(os.path.join(path, "identity.key"), "rb").read() == before


def a_homeserver_key_can_be_imported():
    with folder() as path, folder() as elsewhere:
        signing = os.path.join(elsewhere, "signing.key")
        with open(signing, "w") as file:
            file.write("ed25519 a_AbCd YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1\n")
        first = Restanted(PROGRAM, path, "--import-key", signing, "--server-name", "relay.example.org").wait_ready()
        assert first.name == "relay.example.org"
        document = first.relay().request("GET", "/_matrix/key/v2/server").json
        assert list(document["verify_keys"]) == ["ed25519:a_AbCd"]
        assert first.stop() == 0
        second = Restanted(PROGRAM, path).wait_ready()
        assert second.name == "relay.example.org"
        assert second.stop() == 0


def a_database_that_is_none_is_said_and_kept():
    with folder() as path:
        database = os.path.join(path, "queue.sqlite")
        with open(database, "wb") as file:
            file.write(b"this is no database, but somebody may want it back" * 100)
        before = open(database, "rb").read()
        refused_start(path, 1, words="queue.sqlite")
        assert open(database, "rb").read() == before


def a_newer_database_is_refused():
    with folder() as path:
        first = Restanted(PROGRAM, path).wait_ready()
        assert first.stop() == 0
        database = sqlite3.connect(os.path.join(path, "queue.sqlite"))
        database.execute("UPDATE schema_version SET version = version + 1000")
        database.commit()
        database.close()
        refused_start(path, 1, words="newer")


def damaged_settings_are_said_and_kept():
    with folder() as path:
        settings = os.path.join(path, "settings.json")
        for text in ("{", "[]", '{"queue.expiry_days": "x"}', '{"queue.expiry_days": -1}'):
            with open(settings, "w") as file:
                file.write(text)
            refused_start(path, 2, words="settings.json" if text in ("{", "[]") else "queue.expiry_days")
            assert open(settings).read() == text


def a_read_only_folder_is_said():
    # Root may write everywhere, so root is left for this; and the program must then be where others may run it.
    demote = (lambda: os.setuid(65534)) if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="restante-read-only-") as place:
        os.chmod(place, 0o755)
        program = shutil.copy(PROGRAM, place)
        os.chmod(program, 0o755)
        data = os.path.join(place, "data")
        os.mkdir(data)
        os.chmod(data, 0o555)
        process = Restanted(program, data, preexec_fn=demote)
        assert process.wait() == 1, f"{process.process.returncode}: {process.errors}"
        eventually(lambda: any(data in line for line in process.errors), f"the folder in {process.errors}")


def what_another_user_left_in_the_folder_is_said_with_its_owner():
    # Root was here once; without root somebody's files are only closed.
    root = os.geteuid() == 0
    demote = (lambda: os.setuid(65534)) if root else None
    with tempfile.TemporaryDirectory(prefix="restante-owners-") as place:
        os.chmod(place, 0o755)
        program = shutil.copy(PROGRAM, place)
        os.chmod(program, 0o755)
        data = os.path.join(place, "data")
        os.mkdir(data, 0o700)
        if root:
            os.chown(data, 65534, 65534)
        first = Restanted(program, data, preexec_fn=demote).wait_ready()
        assert first.stop() == 0
        for name in ("identity.key", "queue.sqlite", "settings.json", "lock"):
            path = os.path.join(data, name)
            with open(path, "a") as file:
                if name == "settings.json":
                    file.write("{}")
            os.chmod(path, 0o600 if root else 0o000)
            if root:
                os.chown(path, 0, 0)
            process = Restanted(program, data, preexec_fn=demote)
            assert process.wait() == 1, f"{name}: {process.process.returncode}: {process.errors}"
            said = "belongs to root" if root else "denied" if name != "queue.sqlite" else "cannot be opened"
            eventually(lambda w=said, p=path, e=process.errors: any(p in line and w in line for line in e),
                       f"{path} and its owner in {process.errors}")
            if name == "lock":
                os.unlink(path)
            else:
                os.chown(path, os.stat(data).st_uid, os.stat(data).st_gid)
                os.chmod(path, 0o600)
        last = Restanted(program, data, preexec_fn=demote).wait_ready()
        assert last.stop() == 0


# --- running -------------------------------------------------------------------------------------------------

def a_locked_database_costs_503_and_recovers():
    with folder() as path:
        process = Restanted(PROGRAM, path).wait_ready()
        relay, (sender, destination) = process.relay(), pair()
        assert relay.send_relay(sender, "t1", destination.user, {"pdus": [pdu(1)]}).status == 200
        lock = sqlite3.connect(os.path.join(path, "queue.sqlite"), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        reply = relay.send_relay(sender, "t2", destination.user, {"pdus": [pdu(2)]})
        assert reply.status == 503 and reply.errcode == "M_UNKNOWN", (reply.status, reply.body)
        assert path.encode() not in reply.body and b"sqlite" not in reply.body, reply.body
        assert relay.next(destination)["entries_queued"] is True, "what is held is handed out meanwhile"
        lock.execute("ROLLBACK")
        lock.close()
        eventually(lambda: relay.send_relay(sender, "t2", destination.user, {"pdus": [pdu(2)]}).status == 200, "stores again")
        assert len(relay.drain(destination)) == 2
        assert process.stop() == 0


def as_many_files_may_be_open_as_the_system_allows():
    def few_at_first():
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 2048))

    with folder() as path:
        process = Restanted(PROGRAM, path, preexec_fn=few_at_first).wait_ready()
        assert resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE) == (2048, 2048)
        assert process.stop() == 0


def too_few_descriptors_are_survived():
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))

    with folder() as path:
        process = Restanted(PROGRAM, path, preexec_fn=few).wait_ready()
        host, port = process.base.removeprefix("http://").split(":")
        crowd = []
        for _ in range(95):
            connection = socket.create_connection((host, int(port)), timeout=5)
            crowd.append(connection)
        for connection in crowd:
            connection.close()
        relay, (sender, destination) = process.relay(), pair()
        assert relay.send_relay(sender, "t", destination.user, {"pdus": [pdu()]}).status == 200
        assert len(relay.drain(destination)) == 1
        assert process.stop() == 0


FULL_DISK = r"""
import json, os, sys
sys.path.insert(0, sys.argv[3])
from baddays import *
mount = sys.argv[2]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "none", mount], check=True)
ballast = os.path.join(mount, "ballast")
with open(ballast, "wb") as file:
    file.write(bytes(6 << 20))
data = os.path.join(mount, "data")
os.mkdir(data)
process = Restanted(PROGRAM, data, "--set", "queue.disk_floor_bytes=0").wait_ready()
relay, (sender, destination) = process.relay(), pair()
stored = []
for number in range(2000):
    reply = relay.send_relay(sender, f"t{number}", destination.user, {"pdus": [pdu(number, "x" * 20000)]})
    if reply.status != 200:
        break
    stored.append(number)
assert stored, "nothing fitted"
assert reply.status == 503 and reply.errcode == "M_UNKNOWN", (reply.status, reply.body[:200])
assert mount.encode() not in reply.body and b"sqlite" not in reply.body, reply.body
# A collector is served on a full disk, and what it acknowledges is gone.
first = relay.next(destination)
second = relay.next(destination, first["entry_id"])
assert second["entries_queued"] and second["entry_id"] != first["entry_id"]
assert relay.next(destination)["entry_id"] == second["entry_id"], "an acknowledged entry came again"
assert process.process.poll() is None
# The cause goes away: it stores again without a restart.
os.unlink(ballast)
eventually(lambda: relay.send_relay(sender, "again", destination.user, {"pdus": [pdu(5000)]}).status == 200, "stores again")
numbers = [e["transaction"]["pdus"][0]["depth"] - 10 for e in relay.drain(destination)]
assert numbers == stored[1:] + [5000], (numbers[:3], stored[:3], len(numbers), len(stored))
assert process.stop() == 0
database = sqlite3.connect(os.path.join(data, "queue.sqlite"))
assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
"""


def a_full_disk_costs_503_and_recovers():
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory(prefix="restante-full-") as mount:
        unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
        # The mount lives in a name space of its own and goes with it.
        done = subprocess.run([*unshare, sys.executable, "-B", "-c", FULL_DISK, PROGRAM, mount, here], capture_output=True,
                              text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-800:]


LOST_ADDRESS = r"""
import json, subprocess, sys
sys.path.insert(0, sys.argv[4])
from restanted import Restanted, eventually
program, ctl, folder = sys.argv[1:4]
own = ["ip", "address", "add", "192.0.2.7/32", "dev", "lo"]
gone = ["ip", "address", "del", "192.0.2.7/32", "dev", "lo"]
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(own, check=True)
process = Restanted(program, folder, "--listen", "192.0.2.7:0").wait_ready()
def state():
    done = subprocess.run([ctl, "--data-dir", folder, "--json", "status"], capture_output=True, check=True)
    status = json.loads(done.stdout)
    return status["state"], any("192.0.2.7" in reason["detail"] for reason in status["reasons"])
assert state() == ("running", False), state()
subprocess.run(gone, check=True)
eventually(lambda: state() == ("degraded", True), "the lost address is told")
subprocess.run(own, check=True)
eventually(lambda: state() == ("running", False), "the address is back")
assert process.stop() == 0
"""


def an_address_that_this_computer_no_longer_has_is_told_until_it_is_back():
    here = os.path.dirname(os.path.abspath(__file__))
    with folder() as path:
        unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
        done = subprocess.run([*unshare, sys.executable, "-B", "-c", LOST_ADDRESS, PROGRAM, CTL, path, here],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-800:]


def low_space_is_refused_before_the_disk_is_full():
    with folder() as path:
        process = Restanted(PROGRAM, path, "--set", f"queue.disk_floor_bytes={1 << 46}").wait_ready()
        relay, (sender, destination) = process.relay(), pair()
        reply = relay.send_relay(sender, "t", destination.user, {"pdus": [pdu()]})
        assert reply.status == 503 and reply.errcode == "M_UNKNOWN", (reply.status, reply.body)
        assert relay.next(destination)["entries_queued"] is False
        assert process.stop() == 0


def health_and_metrics_have_their_own_listener():
    with folder() as path:
        process = Restanted(PROGRAM, path, "--set", "metrics.listen=127.0.0.1:0").wait_ready()
        relay, (sender, destination) = process.relay(), pair()
        assert relay.send_relay(sender, "t", destination.user, {"pdus": [pdu()]}).status == 200
        assert relay.request("GET", "/metrics").status == 404, "metrics are not for the public listener"
        with urllib.request.urlopen(process.ready["metrics"] + "/metrics", timeout=10) as reply:
            text = reply.read().decode()
        assert "restante_" in text and sender.name not in text and destination.name not in text
        with urllib.request.urlopen(process.ready["metrics"] + "/healthz", timeout=10) as reply:
            assert json.loads(reply.read())["status"] == "ok"
        assert process.stop() == 0


def interrupt_ends_cleanly_with_everything_flushed():
    with folder() as path:
        process = Restanted(PROGRAM, path).wait_ready()
        relay, (sender, destination) = process.relay(), pair()
        assert relay.send_relay(sender, "t", destination.user, {"pdus": [pdu()]}).status == 200
        process.process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        wal = os.path.join(path, "queue.sqlite-wal")
        assert not os.path.exists(wal) or os.path.getsize(wal) == 0, "the write-ahead log was not folded in"
        again = Restanted(PROGRAM, path).wait_ready()
        assert len(again.relay().drain(destination)) == 1
        assert again.stop() == 0


CASES = [
    unusable_options_end_with_status_2_and_change_nothing,
    a_port_in_use_is_said,
    one_folder_runs_once,
    a_damaged_key_file_is_said_and_kept,
    an_identity_under_which_mail_was_held_is_never_replaced_by_an_import,
    a_homeserver_key_can_be_imported,
    a_database_that_is_none_is_said_and_kept,
    a_newer_database_is_refused,
    damaged_settings_are_said_and_kept,
    a_read_only_folder_is_said,
    what_another_user_left_in_the_folder_is_said_with_its_owner,
    a_locked_database_costs_503_and_recovers,
    as_many_files_may_be_open_as_the_system_allows,
    too_few_descriptors_are_survived,
    a_full_disk_costs_503_and_recovers,
    an_address_that_this_computer_no_longer_has_is_told_until_it_is_back,
    low_space_is_refused_before_the_disk_is_full,
    health_and_metrics_have_their_own_listener,
    interrupt_ends_cleanly_with_everything_flushed,
]

if __name__ == "__main__":
    sys.exit(run_cases(CASES))
