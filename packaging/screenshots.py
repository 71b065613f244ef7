# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the window, over made-up mail. Run by screenshots.sh, in a network of its own.

Two installations: `home` is the one in the pictures, a homeserver's node that also holds mail for friends; `club` holds mail
for it and for Anna. Mail is as old as it would be after some days because the databases are changed in between.
"""

import base64
import dataclasses
import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PICTURES = os.path.join(ROOT, "packaging", "screenshots")
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from restanted import Restanted, eventually  # noqa: E402
from matrixwire import Identity, Relay  # noqa: E402

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WIDTH, HEIGHT = 1060, 620
HOME = "marlene.example.org"
AT_HOME, AT_CLUB = "203.0.113.7:8449", "198.51.100.20:8449"
BIN = os.path.join(os.path.abspath(sys.argv[1]), "app")
CTL = os.path.join(BIN, "ctl", "restantectl")
if not os.path.exists(CTL):
    CTL = os.path.join(BIN, "restantectl")
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<alias binding="same"><family>sans-serif</family><prefer><family>Cantarell</family></prefer></alias>
<alias binding="same"><family>Sans Serif</family><prefer><family>Cantarell</family></prefer></alias></fontconfig>"""


def named(name: str) -> Identity:
    return Identity(hashlib.sha256(name.encode()).digest(), name, "ed25519:a_pict")


TOWN, CHOIR, LEA, MARLENE = (named(n) for n in ("matrix.town", "choir.example.net", "lea.example.com", HOME))
ANNA, CARL, STRANGER = Identity.p2p("anna"), named("carls-cellar.example.org"), Identity.p2p("stranger")
BERTA, CLUB = named("berta.example.net"), named("computer-club.example.net")


def ctl(folder: str, *arguments: str, text: str | None = None, check: bool = True) -> str:
    done = subprocess.run([CTL, "--data-dir", folder, *arguments], input=text, text=True, capture_output=True)
    if check and done.returncode != 0:
        sys.exit(f"restantectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def trust(folder: str, *servers: Identity):
    for server in servers:
        key = base64.b64encode(bytes(server.key.verify_key)).decode().rstrip("=")
        ctl(folder, "key", "pin", server.name, server.key_id, key)


# --- mail ----------------------------------------------------------------------------------------------------------

dice = random.Random(7)
WORDS = ("See you on Sunday at the lake", "The tomatoes are ripe, help yourselves", "Who has the key to the shed?",
         "Rehearsal starts at seven", "Thank you all for coming", "I will bring bread and cheese",
         "The train is late again", "Happy birthday!", "Pictures of the garden are up", "Does anybody have a ladder?")


def event(kind: str, sender: str, room: str, content: dict) -> dict:
    return {"type": kind, "sender": sender, "room_id": room, "content": content, "depth": dice.randrange(1, 900),
            "origin_server_ts": 1_700_000_000_000 + dice.randrange(10**9), "auth_events": [], "prev_events": []}


def mail(origin: Identity, user: str, kinds: str) -> dict:
    """One letter an event: m message, e encrypted, r reaction, j join, t typing, k keys, s receipts, n room name."""
    sender, room = f"@{user}:{origin.name}", "!garden:matrix.town"
    pdus, edus = [], []
    for kind in kinds:
        if kind == "m":
            pdus.append(event("m.room.message", sender, room, {"msgtype": "m.text", "body": dice.choice(WORDS)}))
        elif kind == "e":
            cipher = base64.b64encode(dice.randbytes(240)).decode()
            pdus.append(event("m.room.encrypted", sender, room,
                              {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": cipher, "device_id": "QJLRUNVZHA"}))
        elif kind == "r":
            pdus.append(event("m.reaction", sender, room,
                              {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$it", "key": "❤"}}))
        elif kind == "j":
            pdus.append(event("m.room.member", sender, room, {"membership": "join", "displayname": user.title()}))
        elif kind == "n":
            pdus.append(event("m.room.name", sender, room, {"name": "Garden group"}))
        elif kind == "t":
            edus.append({"edu_type": "m.typing", "content": {"room_id": room, "user_id": sender, "typing": True}})
        elif kind == "k":
            edus.append({"edu_type": "m.direct_to_device",
                         "content": {"sender": sender, "type": "m.room.encrypted", "message_id": str(dice.random()),
                                     "messages": {}}})
        elif kind == "s":
            edus.append({"edu_type": "m.receipt", "content": {room: {"m.read": {sender: {"event_ids": [str(dice.random())]}}}}})
    now = int(time.time() * 1000)
    return {"origin": origin.name, "origin_server_ts": now, "pdus": pdus, "edus": edus}


def leave(relay: Relay, origin: Identity, destination: Identity, user: str, kinds: str, localpart: str = "user"):
    reply = relay.send_relay(origin, f"t{dice.randrange(10**12)}", f"@{localpart}:{destination.name}",
                             mail(origin, user, kinds))
    assert reply.status == 200, f"{reply.status}: {reply.body!r}"


@dataclasses.dataclass
class Certificate:
    file: str
    key: str
    pin: str


def self_signed(work: str) -> Certificate:
    file, key = (os.path.join(work, name) for name in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "90", "-subj", "/CN=marlene.example.org", "-keyout", key, "-out", file], check=True, capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True)
    return Certificate(file, key, hashlib.sha256(public.stdout).hexdigest())


def fill_mailboxes(relay: Relay):
    for _ in range(4):
        for origin, user, kinds in ((TOWN, "ines", "eeee"), (CHOIR, "tom", "mm"), (LEA, "lea", "ks"), (TOWN, "lea", "e" * 9)):
            leave(relay, origin, ANNA, user, kinds, "anna")
            leave(relay, origin, CARL, user, kinds + "e", "carl")
    for origin, user, kinds in ((TOWN, "lea", "n"), (CHOIR, "tom", "mmm"), (TOWN, "lea", "e"), (TOWN, "ines", "eee"),
                                (STRANGER, "sam", "m"), (LEA, "lea", "kkk"), (TOWN, "ines", "jj"), (CHOIR, "tom", "mr"),
                                (TOWN, "lea", "ees"), (LEA, "lea", "mmrt"), (CHOIR, "ada", "m" * 12), (TOWN, "ines", "es")):
        leave(relay, origin, ANNA, user, kinds, "anna")
    for origin, user, kinds in ((TOWN, "tom", "eeee"), (CHOIR, "tom", "m"), (TOWN, "lea", "k"), (LEA, "lea", "ee")):
        leave(relay, origin, CARL, user, kinds, "carl")
    for kinds in ("m", "mm", "e"):
        leave(relay, TOWN, BERTA, "lea", kinds, "berta")


def spread(database: str, sql: str, ages: list[int]):
    """Gives rows, oldest first, the ages that they would have by now."""
    now = int(time.time() * 1000)
    with sqlite3.connect(database) as connection:
        table, column, key = sql.split()
        keys = [row[0] for row in connection.execute(f"SELECT {key} FROM {table} ORDER BY {key}")]
        for at, row in enumerate(keys):
            age = ages[min(len(ages) - 1, at * len(ages) // len(keys))] - at * 37_000 % MINUTE
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (now - age, row))
    connection.close()


# --- the picture ---------------------------------------------------------------------------------------------------

class Display:
    """An X server of its own with a window manager; no sleeps: each says when it is ready."""

    def __init__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
                                       pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            self.name = ":" + number.readline().strip()
        self.environment = dict(os.environ, DISPLAY=self.name, QT_QPA_PLATFORM="xcb", LC_ALL="C.UTF-8", LANGUAGE="en",
                                QT_STYLE_OVERRIDE="Fusion")
        self.manager = subprocess.Popen(["openbox", "--sm-disable"], env=self.environment, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        eventually(lambda: "_OPENBOX_PID" in self.run("xprop", "-root"), "the window manager")

    def run(self, *command: str) -> str:
        return subprocess.run(command, env=self.environment, text=True, capture_output=True, check=True).stdout.strip()

    def find(self, title: str) -> str:
        return self.run("xdotool", "search", "--sync", "--onlyvisible", "--name", title).splitlines()[-1]

    def still(self, window: str) -> bytes:
        """The window once nothing moves in it."""
        def grab():
            return subprocess.run(["import", "-window", window, "png:-"], env=self.environment, capture_output=True,
                                  check=True).stdout
        before = b""
        for _ in range(40):
            now = grab()
            if now == before:
                return now
            before = now
            time.sleep(0.25)  # this is the interval of the comparison
        sys.exit("the window does not come to rest")

    def picture(self, window: str, name: str):
        path = os.path.join(PICTURES, name)
        with open(path, "wb") as file:
            file.write(self.still(window))
        subprocess.run(["mogrify", "-strip", path], check=True)
        subprocess.run(["pngquant", "--force", "--skip-if-larger", "--ext", ".png", "--speed", "1", "64", path])
        subprocess.run(["optipng", "-quiet", "-o5", path], check=True)
        print(f"{path}: {os.path.getsize(path) // 1024} KiB")

    def click(self, window: str, x: int, y: int):
        self.run("xdotool", "mousemove", "--window", window, str(x), str(y), "click", "1")

    def keys(self, *keys: str):
        self.run("xdotool", "key", "--clearmodifiers", *keys)

    def close(self):
        for process in (self.manager, self.server):
            process.terminate()
            process.wait()


def main(work: str):
    folders = {name: os.path.join(work, name) for name in ("home", "club")}
    home, club = folders.values()
    certificate = self_signed(work)
    started = {}
    for name, listen, identity in (("club", AT_CLUB, CLUB), ("home", AT_HOME, MARLENE)):
        key = os.path.join(work, name + ".key")
        with open(key, "w", encoding="ascii") as file:
            file.write(f"ed25519 a_pict {base64.b64encode(identity.seed).decode().rstrip('=')}\n")
        options = ("--import-key", key, "--server-name", identity.name, "--set", "node.listen=127.0.0.1:8450", "--set",
                   f"node.enabled={'true' if identity is MARLENE else 'false'}")
        tls = ("--tls-cert", certificate.file, "--tls-key", certificate.key)
        program = Restanted(os.path.join(BIN, "restanted"), folders[name], "--listen", listen, *tls, *options,
                            open_relay=False)
        started[name] = program.wait_ready()
    for folder in folders.values():
        trust(folder, TOWN, CHOIR, LEA, MARLENE, CARL, BERTA)
    ctl(home, "settings", "set", "server.listen", AT_HOME, "server.tls_certificate", certificate.file, "server.tls_key",
        certificate.key, "node.enabled", "true", "node.listen", "127.0.0.1:8450")
    ctl(home, "serve", "add", ANNA.name, "--name", "Anna", "--known", TOWN.name, "--known", LEA.name)
    ctl(home, "serve", "add", CARL.name, "--name", "Carl")
    ctl(home, "serve", "add", BERTA.name, "--name", "Berta")
    ctl(club, "serve", "add", HOME, "--name", "Marlene")
    ctl(club, "serve", "add", ANNA.name, "--name", "Anna")

    at_club = Relay("https://" + AT_CLUB, CLUB.name)
    for origin, user, kinds in ((TOWN, "ines", "mm"), (CHOIR, "tom", "mmmm"), (TOWN, "lea", "es"), (LEA, "lea", "k"),
                                (CHOIR, "ada", "mr"), (TOWN, "ines", "eee"), (LEA, "lea", "mt")):
        leave(at_club, origin, MARLENE, user, kinds, "marlene")
    at_home = Relay("https://" + AT_HOME, HOME)
    fill_mailboxes(at_home)
    at_home.next(ANNA, at_home.next(ANNA)["entry_id"])
    at_home.drain(BERTA)
    for sender in (TOWN, LEA):
        for kinds in ("m", "e"):
            leave(at_home, sender, BERTA, "lea", kinds, "berta")

    known = ("--url", "https://" + AT_CLUB, "--pin", certificate.pin, "--name", "Computer club")
    ctl(home, "relay", "add", CLUB.name, *known)
    ctl(home, "relay", "add", CLUB.name, *known, "--for", ANNA.name)
    ctl(home, "retrieve")
    body = os.path.join(work, "body.json")
    with open(body, "w", encoding="utf-8") as file:
        file.write('{"pdus":[],"edus":[{"edu_type":"m.receipt","content":{}}]}')
    ctl(home, "send", body, ANNA.name, check=False)
    ctl(home, "send", body, ANNA.name)
    started["home"].stop()

    ages = [2 * DAY + 3 * HOUR, 2 * DAY, DAY + 5 * HOUR, 20 * HOUR, 7 * HOUR, 3 * HOUR, 95 * MINUTE, 40 * MINUTE, 3 * MINUTE]
    spread(os.path.join(home, "queue.sqlite"), "entries received_ms arrival", ages)
    spread(os.path.join(home, "queue.sqlite"), "destinations collected_ms id", [2 * DAY + 4 * HOUR, 26 * HOUR, 50 * MINUTE])
    spread(os.path.join(home, "node.sqlite"), "inbox collected_ms id", [26 * HOUR, 9 * HOUR, 2 * HOUR, 5 * MINUTE])

    display = Display()
    window = subprocess.Popen([os.path.join(BIN, "restante"), "--data-dir", home], env=display.environment,
                              stderr=subprocess.DEVNULL)
    try:
        main_window = display.find("^Restante$")
        display.run("xdotool", "windowsize", "--sync", main_window, str(WIDTH), str(HEIGHT))
        ctl(home, "relay", "test", CLUB.name)
        ctl(home, "retrieve")
        ctl(home, "send", body, ANNA.name)
        leave(Relay("https://" + AT_HOME, HOME), TOWN, CARL, "tom", "em", "carl")
        take_pictures(display, main_window)
        window.terminate()
        window.wait()
    finally:
        window.kill()
        display.close()
        for program in started.values():
            if program.process.poll() is None:
                program.stop()


def take_pictures(display: Display, window: str):
    """Places are those of this window: look at the pictures when its layout has changed."""
    display.picture(window, "overview.png")
    display.keys("ctrl+2")
    display.click(window, 400, 70)  # Anna's mailbox
    display.keys("Right")
    display.click(window, 400, 525)
    display.picture(window, "mailboxes.png")
    display.keys("ctrl+3")
    display.click(window, 400, 88)
    display.picture(window, "relays.png")
    display.keys("ctrl+4")
    display.click(window, 400, 163)
    display.picture(window, "inbox.png")
    display.keys("ctrl+comma")
    dialog = display.find("^Settings")
    display.click(dialog, 50, 37)  # Relaying
    display.picture(dialog, "friends.png")


if __name__ == "__main__":
    os.makedirs(PICTURES, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="restante-pictures-")
    os.makedirs(os.path.join(folder, "fontconfig"))
    with open(os.path.join(folder, "fontconfig", "fonts.conf"), "w", encoding="utf-8") as fonts:
        fonts.write(FONTS)
    os.environ["XDG_RUNTIME_DIR"] = os.environ["XDG_CONFIG_HOME"] = os.environ["HOME"] = folder
    try:
        main(folder)
    finally:
        shutil.rmtree(folder)
