# SPDX-License-Identifier: GPL-3.0-or-later
"""What the attacks of strangers.py share: whom they attack, what they cost, key servers, requests."""

import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import multiprocessing
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field

from matrixwire import Identity, Relay, canonical_json

LARGE = 12_600_000
KEY_NETS = range(3, 8)  # names that lead to a key server are addresses 127.0.NET.1 to 64


@dataclass
class Target:
    """The relay that is attacked, and where key servers may stand: any loopback address with `key_port`."""

    place: tuple
    name: str
    owner: Identity
    key_port: int
    keys: "KeyServer"
    folder: str

    def __getstate__(self):  # for the processes that attack
        return {**self.__dict__, "keys": None}

    def relay(self):
        return Relay("http://%s:%d" % self.place, self.name)


@dataclass
class Spent:
    """What an attack cost, and what it reached beyond that others had to wait or were refused."""

    requests: int = 0
    sent: int = 0
    reached: list = field(default_factory=list)

    @property
    def mib(self):
        return self.sent / 1024 / 1024


def total(parts):
    return Spent(sum(part.requests for part in parts), sum(part.sent for part in parts), sum((part.reached for part in parts), []))


def source(address):
    return (address, 0)


def text64(data):
    return base64.b64encode(data).decode().rstrip("=")


def known_identity(name):
    """A server whose key is fetched from where its name says."""
    return Identity(hashlib.sha256(name.encode()).digest(), name, "ed25519:a")


def free_port():
    """Free on every loopback address a moment ago."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def certificate():
    """(certificate, key) as files, for every address that key servers may have."""
    names = [f"IP:127.0.{net}.{host}" for net in KEY_NETS for host in range(1, 65)]
    with tempfile.TemporaryDirectory() as folder:
        certificate_, key = os.path.join(folder, "c.pem"), os.path.join(folder, "k.pem")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", key, "-out", certificate_, "-days", "2", "-subj", "/CN=keys.test"]
        command += ["-addext", "subjectAltName=" + ",".join(names), "-addext", "basicConstraints=critical,CA:TRUE"]
        subprocess.run(command, check=True, capture_output=True)
        yield certificate_, key


class KeyServer:
    """Where the keys of servers named ADDRESS:PORT are fetched: what a homeserver answers. Those of `quiet` get none."""

    def __init__(self, port, certificate_, key):
        self.documents = {}
        self.quiet = set()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # or the body waits for the acknowledgement of the head
            disable_nagle_algorithm = True

            def do_GET(self):
                name = self.headers["Host"]
                body = b"{}" if name in server.quiet else server.documents.get(name, b"{}")
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("0.0.0.0", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, identity, more=0):
        """`more`: so many invented keys beside the one that is used."""
        keys = {identity.key_id: {"key": text64(bytes(identity.key.verify_key))}}
        keys |= {f"ed25519:more{n}": {"key": text64(os.urandom(32))} for n in range(more)}
        document = {
            "server_name": identity.name,
            "valid_until_ts": int(time.time() * 1000) + 86_400_000,
            "verify_keys": keys,
            "old_verify_keys": {},
        }
        signature = text64(identity.key.sign(canonical_json(document)).signature)
        signed = {**document, "signatures": {identity.name: {identity.key_id: signature}}}
        self.documents[identity.name] = json.dumps(signed).encode()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def _plain_server(listening, path):
    """Writes the body of each request to the disk, then answers with 200."""
    file = open(path, "wb", buffering=0)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_PUT(self):
            file.write(self.rfile.read(int(self.headers["Content-Length"])))
            os.fdatasync(file.fileno())
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            self.wfile.flush()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    listening.send(server.server_address)
    server.serve_forever()


class PlainServer:
    """A process that keeps one client's mail in a file and has nothing else to do: what it keeps him waiting is this
    machine's."""

    def __init__(self, folder):
        here, there = multiprocessing.Pipe()
        path = os.path.join(folder, "plain")
        self._process = multiprocessing.Process(target=_plain_server, args=(there, path), daemon=True)
        self._process.start()
        self.place = here.recv()

    def stop(self):
        self._process.kill()
        self._process.join()


def leave_uri(target, number):
    return f"/_matrix/federation/v1/send_relay/{number}/{target.owner.user}"


def forged(origin, target, key_ids=("ed25519:a",)):
    """Authorization headers whose signatures fit nothing."""
    signature = text64(bytes(range(64)))
    return [
        f'X-Matrix origin="{origin}",key="{key_id}",sig="{signature}",destination="{target.name}"' for key_id in key_ids
    ]


def put(connection, uri, body, authorizations, client=None):
    """Sends one request and returns its status. `client`: for whom a proxy sends it."""
    connection.putrequest("PUT", uri, skip_accept_encoding=True)
    for authorization in authorizations:
        connection.putheader("Authorization", authorization)
    if client:
        connection.putheader("X-Forwarded-For", client)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    response.read()
    return response.status


def at_once(worker, parts):
    """Runs `worker(*part)` in a process for each part; the sum of what they spent. They yield to all others on this machine:
    strangers come from elsewhere, so what is measured is not to be that they take the processors."""
    with multiprocessing.Pool(len(parts), os.nice, (19,)) as pool:
        jobs = [pool.apply_async(worker, part) for part in parts]
        return total([job.get(timeout=120) for job in jobs])


def connected(target, address):
    return http.client.HTTPConnection(*target.place, timeout=30, source_address=source(address))


def repeat(target, until, address, body, authorizations):
    """The same request again and again, on one connection where the relay keeps it."""
    spent = Spent()
    connection = None
    while time.monotonic() < until:
        try:
            if connection is None:
                connection = connected(target, address)
            spent.requests += 1
            status = put(connection, leave_uri(target, spent.requests), body, authorizations)
            if status != 429:
                spent.sent += len(body)
            else:
                time.sleep(0.001)
        except (OSError, http.client.HTTPException):
            connection = None
    return spent


class Attack:
    """What a row shows. Runs with the program's ordinary limits but for `settings`."""

    name = ""
    open_relay = False
    settings = {}
    owner_is_named = False  # the owner's key is fetched; else its name says it
    unserved = False  # newcomers leave mail for a server that is not served

    def prepare(self, target):
        """Before anybody else comes."""

    def run(self, target, until):
        """Attacks until then; returns Spent."""
        raise NotImplementedError

    def judge(self, target):
        """What it reached, once everybody has gone: a list of texts."""
        return []
