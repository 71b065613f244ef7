#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A full disk: every command of restantectl and every start does what it says, or fails with words, and nothing is lost.

    fulldisk.py path/to/restanted path/to/restantectl

The disk is a small file system of its own, in a mount name space that goes with it: in memory, as root or with
unprivileged user name spaces, and then in an image with ext4's small blocks, where root may mount one: there a hole in a
file may cost a program its life. Needs Debian's python3-nacl.
"""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from restanted import WAIT_SECONDS, Restanted, eventually, run_cases
from matrixwire import Identity, pdu

PROGRAM, CTL = (os.path.abspath(path) for path in sys.argv[1:3])
MOUNT = sys.argv[3] if len(sys.argv) > 3 else None
FRIEND = "friend.example"
KEY = "MQj9Bv2WfXqyZ7tDLdLgcpbPMmDZMVBUfPdSvXDkI0w"
PASSPHRASE = "correct horse"
TRIED = []  # words of all calls of restantectl


def read(path):
    with open(path, "rb") as file:
        return file.read()


class SmallDisk:
    """24 MiB, whose room is taken and given back as a case wants it."""

    image = False  # or in memory

    def __init__(self):
        self.folder = tempfile.mkdtemp(dir=MOUNT)
        if SmallDisk.image:
            image = self.folder + ".image"
            with open(image, "wb") as file:
                file.truncate(24 << 20)
            subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "1024", "-m", "0", image], check=True)
            subprocess.run(["mount", "-o", "loop", image, self.folder], check=True, capture_output=True)
            os.rmdir(os.path.join(self.folder, "lost+found"))
        else:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "none", self.folder], check=True)
        self.ballast = os.path.join(self.folder, "ballast")
        self.data = os.path.join(self.folder, "data")

    def path(self, name):
        return os.path.join(self.folder, name)

    def kept(self, name):
        return os.path.join(self.data, name)

    def fill(self):
        """Not a byte is left."""
        with open(self.ballast, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(1 << 20)):
                pass
        with open(self.ballast, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(512)):
                pass
        assert os.statvfs(self.folder).f_bavail == 0

    def leave(self, size):
        """Full, but for that many bytes at most."""
        self.fill()
        os.truncate(self.ballast, max(0, os.path.getsize(self.ballast) - size))

    def clear(self):
        os.unlink(self.ballast)

    def close(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)


@contextlib.contextmanager
def small_disk():
    disk = SmallDisk()
    try:
        yield disk
    finally:
        disk.close()


def ctl(disk, *words, folder=None, feed=PASSPHRASE + "\n"):
    TRIED.append(" ".join(words[:2]))
    command = [CTL, "--data-dir", folder or disk.data, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS, input=feed, check=False)


def start(disk, *options):
    return Restanted(PROGRAM, disk.data, "--set", "queue.disk_floor_bytes=0", "--set", "node.enabled=true", "--set",
                     "node.listen=127.0.0.1:0", *options, open_relay=False).wait_ready()


def words_or_done(done):
    """Either status 0, or one that says in words what did not work."""
    assert done.returncode in (0, 1), f"{done.args[3:]}: status {done.returncode}, {done.stderr}"
    if done.returncode != 0:
        assert done.stderr.startswith("restantectl: ") and len(done.stderr) > 25, (done.args[3:], done.stderr)
    return done.returncode == 0


def settings(disk):
    return json.loads(read(disk.kept("settings.json")))


def whole(disk, before):
    """What was there before is there."""
    for name, content in before.items():
        assert read(disk.kept(name)) == content, f"{name} was changed"
    assert any(entry["name"] == FRIEND for entry in settings(disk)["relay.served"]), settings(disk)
    assert "no.such.key" in settings(disk)


@contextlib.contextmanager
def filled_installation():
    """A relay and node on a full disk, which holds one friend's mail and something in its inbox."""
    with small_disk() as disk, tempfile.TemporaryDirectory(prefix="restante-peer-") as elsewhere:
        os.mkdir(disk.data, 0o700)
        with open(disk.kept("settings.json"), "w") as file:
            file.write('{"no.such.key": "kept, and logged"}')
        process = start(disk)
        sender, owner = Identity.p2p("sender"), Identity.p2p("owner")
        peer = Restanted(PROGRAM, elsewhere, "--set", "queue.disk_floor_bytes=0").wait_ready()
        try:
            for words in (["serve", "add", FRIEND], ["serve", "add", owner.name],
                          ["relay", "add", peer.name, "--url", peer.base]):
                assert ctl(disk, *words).returncode == 0, words
            for number in range(3):
                content = {"pdus": [pdu(number)]}
                assert process.relay().send_relay(sender, f"t{number}", owner.user, content).status == 200
                user = f"@me:{process.name}"
                assert peer.relay().send_relay(sender, f"t{number}", user, content).status == 200
            done = ctl(disk, "retrieve")
            assert done.returncode == 0, done.stderr
            secrets = {name: read(disk.kept(name)) for name in ("identity.key", "node.secret")}
            disk.fill()
            yield disk, process, owner, secrets
        finally:
            peer.stop()
            process.kill()


def ids(disk, *words):
    rows = json.loads(ctl(disk, *words, "--json").stdout)["rows"]
    return [str(row.get("entry_id", row.get("id", row.get("inbox_id")))) for row in rows]


# --- commands ------------------------------------------------------------------------------------------------

def settings_are_saved_or_stay_as_they_were():
    with filled_installation() as (disk, process, _, secrets):
        for words, holds in (
                (["pause"], lambda s: s.get("relay.paused") is True),
                (["resume"], lambda s: s.get("relay.paused") is not True),
                (["serve", "add", "new.example"], lambda s: "new.example" in json.dumps(s)),
                (["serve", "edit", FRIEND, "--name", "Anna"], lambda s: "Anna" in json.dumps(s)),
                (["relay", "add", "r.example", "--url", "https://r.example"], lambda s: "r.example" in json.dumps(s)),
                (["settings", "set", "queue.expiry_days", "9"], lambda s: s.get("queue.expiry_days") == 9),
                (["relay", "edit", "r.example", "--name", "R"], lambda s: '"R"' in json.dumps(s)),
                (["relay", "remove", "r.example"], lambda s: "r.example" not in json.dumps(s)),
                (["card", "add", "restante:1/friend?server=card.example"], lambda s: "card.example" in json.dumps(s)),
                (["serve", "remove", FRIEND], lambda s: FRIEND not in json.dumps(s))):
            before = read(disk.kept("settings.json"))
            done = ctl(disk, *words)
            if words_or_done(done):
                assert holds(settings(disk)), f"{words} said 0, and the file says {settings(disk)}"
            else:
                assert read(disk.kept("settings.json")) == before, f"{words} failed and changed the file"
                assert "settings.json" in done.stderr or "is not a relay" in done.stderr, done.stderr
        whole(disk, secrets)
        disk.clear()
        assert ctl(disk, "serve", "add", "room.example").returncode == 0
        assert "room.example" in json.dumps(settings(disk))
        assert process.stop() == 0


def a_file_is_written_whole_or_not_at_all():
    with filled_installation() as (disk, process, owner, secrets):
        for name, words, lines in (
                ("entries", ["export", owner.name, disk.path("entries")], 3),
                ("inbox", ["inbox", "export", disk.path("inbox")], 3),
                ("identity", ["identity", "export", disk.path("identity"), "--passphrase-file", "-"], 0),
                ("backup", ["backup", disk.path("backup"), "--passphrase-file", "-"], 0)):
            done = ctl(disk, *words)
            assert not words_or_done(done), f"{words} cannot have worked"
            assert not os.path.exists(disk.path(name)), f"{words} failed and left a file"
            assert sorted(os.listdir(disk.folder)) == ["ballast", "data"], os.listdir(disk.folder)
            disk.clear()
            done = ctl(disk, *words)
            if name != "backup":  # which wants more room than this disk has
                assert done.returncode == 0, done.stderr
                assert not lines or read(disk.path(name)).count(b"\n") == lines
                os.unlink(disk.path(name))
            disk.fill()
        whole(disk, secrets)
        assert process.stop() == 0


def what_is_held_is_shown_and_goes_only_where_that_was_said():
    with filled_installation() as (disk, process, owner, secrets):
        for words in (["status"], ["traffic"], ["queues", "--users"], ["entries", owner.name], ["serve", "list"], ["relay", "list"],
                      ["outbox"], ["sending", "list"], ["invites"], ["inbox", "list"], ["inbox", "next"], ["identity", "show"], ["key", "list"],
                      ["settings", "list"], ["settings", "get", "relay.paused"], ["card", "show", "restante:1/friend?server=card.example"], ["log"], ["check"], ["help"]):
            done = ctl(disk, *words)
            assert done.returncode == 0 and done.stdout, f"{words}: {done.stderr}"
        held, collected = ids(disk, "entries", owner.name), ids(disk, "inbox", "list")
        assert len(held) == 3 and len(collected) == 3
        assert ctl(disk, "entry", owner.name, held[0]).returncode == 0
        assert ctl(disk, "inbox", "show", collected[0]).returncode == 0
        gone = [words_or_done(ctl(disk, *words)) for words in (
            ["discard", owner.name, held[0]], ["inbox", "discard", collected[0]])]
        pinned = words_or_done(ctl(disk, "key", "pin", "pinned.example", "ed25519:a", KEY))
        body = json.dumps({"pdus": [], "edus": [{"edu_type": "m.test", "content": {}}]})
        assert not words_or_done(ctl(disk, "send", "-", "nobody.invalid", feed=body))
        words_or_done(ctl(disk, "outbox", "forget", "nobody.invalid"))
        words_or_done(ctl(disk, "retrieve"))
        words_or_done(ctl(disk, "inbox", "retry"))
        words_or_done(ctl(disk, "sending", "retry"))
        words_or_done(ctl(disk, "homeserver", "find"))
        words_or_done(ctl(disk, "homeserver", "test", "http://127.0.0.1:1"))
        words_or_done(ctl(disk, "homeserver", "lines"))
        words_or_done(ctl(disk, "key", "forget", "nobody.example"))
        words_or_done(ctl(disk, "relay", "test", process.name))
        assert process.process.poll() is None
        process.kill()
        disk.clear()
        again = start(disk)
        assert ids(disk, "entries", owner.name) == held[1 if gone[0] else 0:]
        assert ids(disk, "inbox", "list") == collected[1 if gone[1] else 0:]
        assert ("pinned.example" in ctl(disk, "key", "list").stdout) == pinned
        whole(disk, secrets)
        assert again.stop() == 0
        for name in ("queue.sqlite", "node.sqlite"):
            with contextlib.closing(sqlite3.connect(disk.kept(name))) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], name


def the_log_goes_on_where_there_is_room_again():
    with filled_installation() as (disk, process, _, _):
        before = read(disk.kept("restante.log"))
        ctl(disk, "serve", "add", "full.example")
        disk.clear()
        assert process.stop() == 0
        assert read(disk.kept("restante.log")).startswith(before)


# --- starts --------------------------------------------------------------------------------------------------

def a_start_works_or_says_why_and_loses_nothing():
    with filled_installation() as (disk, process, owner, secrets):
        process.kill()  # nothing is tidied up
        again = Restanted(PROGRAM, disk.data, "--set", "node.enabled=true", "--set", "node.listen=127.0.0.1:0")
        line = again.lines.get(timeout=WAIT_SECONDS)
        if line is None:
            assert again.wait() == 1, again.process.returncode
            eventually(lambda: any(disk.data in error for error in again.errors), f"words in {again.errors}")
        else:
            assert again.stop() == 0
        whole(disk, secrets)
        disk.clear()
        third = start(disk)
        assert len(ids(disk, "entries", owner.name)) == 3 and len(ids(disk, "inbox", "list")) == 3
        whole(disk, secrets)
        assert third.stop() == 0


def a_first_start_fails_with_words_and_leaves_no_half():
    with small_disk() as disk:
        disk.fill()
        first = Restanted(PROGRAM, disk.data)
        assert first.wait() == 1, first.errors
        eventually(lambda: any(disk.data in error and "No space" in error for error in first.errors), first.errors)
        assert not os.path.exists(disk.kept("identity.key"))
        disk.clear()
        second = Restanted(PROGRAM, disk.data).wait_ready()
        assert ctl(disk, "status").stdout.count("Warning") == 0, ctl(disk, "status").stdout
        assert second.stop() == 0


def an_import_or_restore_fails_with_words_and_leaves_no_half():
    with filled_installation() as (disk, process, _, _), tempfile.TemporaryDirectory(prefix="restante-away-") as away:
        assert ctl(disk, "identity", "export", os.path.join(away, "key"), "--passphrase-file", "-").returncode == 0
        assert process.stop() == 0
        disk.fill()  # again: a log that could be emptied made room
        new = disk.path("new")
        signing = os.path.join(away, "signing.key")
        with open(signing, "w") as file:
            file.write("ed25519 a_AbCd YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1\n")
        for words in (["identity", "import", os.path.join(away, "key"), "--passphrase-file", "-"],
                      ["identity", "import", signing, "--server-name", "a.example"]):
            assert not words_or_done(ctl(disk, *words, folder=new)), words
            assert not os.path.exists(new), os.listdir(new)
        first = Restanted(PROGRAM, new, "--import-key", signing, "--server-name", "a.example")
        assert first.wait() == 1, first.errors
        eventually(lambda: any(new in error and "No space" in error for error in first.errors), first.errors)
        assert not os.path.exists(os.path.join(new, "identity.key"))
        shutil.rmtree(new, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="restante-roomy-") as roomy:
            made = Restanted(PROGRAM, roomy).wait_ready()
            assert made.stop() == 0
            backup = os.path.join(away, "backup")
            done = ctl(disk, "backup", backup, "--passphrase-file", "-", folder=roomy)
            assert done.returncode == 0, done.stderr
        assert not words_or_done(ctl(disk, "restore", backup, "--passphrase-file", "-", folder=new))
        assert not os.path.exists(new), os.listdir(new)


def no_command_is_left_out():
    """After the others."""
    known = re.findall(r"^  ((?:[a-z]+)(?: [a-z]+)?)(?=  | [^a-z]|$)", ctl(None, "--help", folder=".").stdout, re.MULTILINE)
    assert len(known) > 30, known
    untried = [words for words in known if not any((call + " ").startswith(words + " ") for call in TRIED)]
    assert untried == ["card open", "raise"], untried  # which write nothing, and need a window


CASES = [
    settings_are_saved_or_stay_as_they_were,
    a_file_is_written_whole_or_not_at_all,
    what_is_held_is_shown_and_goes_only_where_that_was_said,
    the_log_goes_on_where_there_is_room_again,
    a_start_works_or_says_why_and_loses_nothing,
    a_first_start_fails_with_words_and_leaves_no_half,
    an_import_or_restore_fails_with_words_and_leaves_no_half,
    no_command_is_left_out,
]

def can_mount_images():
    SmallDisk.image = True
    try:
        SmallDisk().close()
        return True
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no image can be mounted here, so that is left to other machines: {error}")
        return False
    finally:
        SmallDisk.image = False


def on_small_disks(script, cases):
    """Runs `cases` on disks in memory, then on images; the exit status. In a mount name space of its own."""
    if MOUNT:
        status = run_cases(cases)
        if can_mount_images():
            SmallDisk.image = True
            status |= run_cases(cases)
        return status
    with tempfile.TemporaryDirectory(prefix="restante-full-") as place:
        spaces = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
        return subprocess.run(["unshare", *spaces, sys.executable, "-B", os.path.abspath(script), PROGRAM, CTL, place],
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(on_small_disks(__file__, CASES))
