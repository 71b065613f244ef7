# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real Synapse servers, A and B, talk although only one of them is there at any time.

    synapses.py SYSTEM RESTANTED RESTANTECTL [ROUNDS]

Each is set up as README says ("My homeserver behind a friend's relay"): its name leads to a front door of the relay, and
a node beside it is its way out and delivers to it. Alice writes while Bob's server is off, hers goes before his comes
back, and the other way round; every message and every to-device message must come once and in order, and neither server
may go into back-off. packaging/test-synapse.sh gives it SYSTEM, a folder with Synapse installed, a network of its own and
the names that it uses.
"""

import hashlib
import hmac
import http.client
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

from nodes import Installation, run_ctl

SYSTEM, RESTANTED, CTL = sys.argv[1:4]
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 3
INSIDE = "/srv/restante"
FOLDER = SYSTEM + INSIDE
PLACES = {"a": "127.0.0.11", "b": "127.0.0.12"}
RELAY = "127.0.0.13:8449"
NETWORK = ["--set", "federation.allowed_networks=127.0.0.0/8", "--set", f"federation.ca_file={FOLDER}/ca.pem"]
WAIT_SECONDS = 120


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def certificate(name, *hosts):
    stem = os.path.join(FOLDER, name)
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={hosts[0]}", "-keyout", stem + ".key", "-out",
        stem + ".csr")
    with open(stem + ".ext", "w", encoding="ascii") as file:
        file.write("extendedKeyUsage=serverAuth\nsubjectAltName=" + ",".join("DNS:" + host for host in hosts) + "\n")
    run("openssl", "x509", "-req", "-in", stem + ".csr", "-CA", FOLDER + "/ca.pem", "-CAkey", FOLDER + "/ca.key",
        "-CAcreateserial", "-days", "20", "-extfile", stem + ".ext", "-out", stem + ".pem")


def certificates():
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Authority", "-keyout",
        FOLDER + "/ca.key", "-out", FOLDER + "/ca.pem")
    certificate("a", "a.test")
    certificate("b", "b.test")
    certificate("relay", "relay.test", "a.relay.test", "b.relay.test")


def serve_well_known(name):
    body = json.dumps({"m.server": f"{name}.relay.test:8449"}).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/.well-known/matrix/server" else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((PLACES[name], 443), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{FOLDER}/{name}.pem", f"{FOLDER}/{name}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


CONFIGURATION = """
server_name: {name}.test
listeners:
  - {{port: {port}, type: http, x_forwarded: true, bind_addresses: [127.0.0.1], resources: [{{names: [client, federation]}}]}}
  - {{port: 8448, type: http, tls: true, bind_addresses: [{place}], resources: [{{names: [federation]}}]}}
tls_certificate_path: {inside}/{name}.pem
tls_private_key_path: {inside}/{name}.key
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
trusted_key_servers: []
report_stats: false
registration_shared_secret: {secret}
macaroon_secret_key: macaroon
form_secret: form
federation_custom_ca_list: [{inside}/ca.pem]
ip_range_blacklist: []
federation_ip_range_blacklist: []
rc_message: {{per_second: 1000, burst_count: 1000}}
"""
LOG = """
version: 1
formatters: {{plain: {{format: '%(asctime)s %(name)s %(levelname)s %(message)s'}}}}
handlers: {{file: {{class: logging.FileHandler, filename: {folder}/log, formatter: plain}}}}
root: {{level: INFO, handlers: [file]}}
"""
SECRET = "shared"


class Homeserver:
    """One Synapse and, later, the node beside it."""

    def __init__(self, name, port):
        self.name, self.port, self.process, self.node = name, port, None, None
        self.folder = f"{FOLDER}/{name}-data"
        os.makedirs(self.folder)
        inside = self.folder.removeprefix(SYSTEM)
        values = {"name": name, "port": port, "place": PLACES[name], "inside": INSIDE, "folder": inside, "secret": SECRET}
        self._write("homeserver.yaml", CONFIGURATION.format(**values))
        self._write("log.yaml", LOG.format(**values))
        self.command = ["chroot", SYSTEM, "python3", "-m", "synapse.app.homeserver", "-c", f"{inside}/homeserver.yaml"]
        run(*self.command, "--generate-keys")

    def _write(self, file, text, mode="w"):
        with open(os.path.join(self.folder, file), mode, encoding="utf-8") as out:
            out.write(text)

    def start(self):
        with open(f"{self.folder}/output", "ab") as output:
            self.process = subprocess.Popen(self.command, stdout=output, stderr=subprocess.STDOUT)
        wait_for(f"{self.name}'s Synapse answers", self._answers, quiet=True)

    def _answers(self):
        try:
            return self.ask("GET", "/_matrix/client/versions")
        except OSError:
            assert self.process.poll() is None, f"Synapse ended: see {self.folder}/output"
            return None

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def set_up_node(self, relays_name, node_port):
        """As the recipe says; Synapse does not run meanwhile."""
        key = shutil.copy(f"{self.folder}/signing.key", f"{FOLDER}/{self.name}.signing.key")
        self.node = Installation(RESTANTED, f"{FOLDER}/{self.name}-node", "--set", "node.enabled=true", "--set",
                                 f"node.listen=127.0.0.1:{node_port}", "--import-key", key, "--server-name",
                                 f"{self.name}.test", *NETWORK).start()
        run_ctl(CTL, self.node, "relay", "add", relays_name, "--url", "https://relay.test:8449")
        run_ctl(CTL, self.node, "settings", "set", "node.homeserver", f"http://127.0.0.1:{self.port}")
        run_ctl(CTL, self.node, "settings", "set", "node.upstream", f"{self.name}.test:8448")
        secret = shutil.copy(f"{self.node.folder}/node.secret", self.folder)
        self._write("homeserver.yaml", f"""
outbound_federation_restricted_to: [restante]
instance_map: {{main: {{host: 127.0.0.1, port: 9093}}, restante: {{host: 127.0.0.1, port: {node_port}}}}}
worker_replication_secret_path: {secret.removeprefix(SYSTEM)}
""", "a")

    def leave(self):
        self.stop()
        assert self.node.process.stop() == 0

    def come_back(self):
        self.node.start()
        self.start()

    def ask(self, method, path, content=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
            connection.request(method, path, None if content is None else json.dumps(content), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        assert response.status == 200, f"{self.name}: {method} {path}: {response.status} {answer}"
        return answer

    def back_offs(self):
        """What its log says of servers that it does not ask for a while."""
        with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as log:
            return [line for line in log if "backoff" in line.lower() or "Setting timeout for" in line]


class User:
    def __init__(self, homeserver, name):
        self.homeserver, self.id = homeserver, f"@{name}:{homeserver.name}.test"
        nonce = homeserver.ask("GET", "/_synapse/admin/v1/register")["nonce"]
        mac = hmac.new(SECRET.encode(), "\0".join([nonce, name, "password", "admin"]).encode(), hashlib.sha1).hexdigest()
        self.token = homeserver.ask("POST", "/_synapse/admin/v1/register", {
            "nonce": nonce, "username": name, "password": "password", "admin": True, "mac": mac})["access_token"]
        self.since, self.to_device, self.count = None, [], 0

    def ask(self, method, path, content=None):
        return self.homeserver.ask(method, "/_matrix/client/v3" + path, content, self.token)

    def say(self, room, text):
        self.count += 1
        self.ask("PUT", f"/rooms/{room}/send/m.room.message/{self.count}", {"msgtype": "m.text", "body": text})

    def send_to_device(self, user, number):
        self.count += 1
        self.ask("PUT", f"/sendToDevice/org.restante.test/{self.count}", {"messages": {user: {"*": {"number": number}}}})

    def messages(self, room):
        events = self.ask("GET", f"/rooms/{room}/messages?dir=b&limit=1000")["chunk"]
        return [event["content"].get("body") for event in reversed(events) if event["type"] == "m.room.message"]

    def sync(self):
        answer = self.ask("GET", "/sync?timeout=0" + (f"&since={self.since}" if self.since else ""))
        self.since = answer["next_batch"]
        self.to_device += [event["content"]["number"] for event in answer.get("to_device", {}).get("events", [])]
        return self.to_device


def wait_for(what, condition, quiet=False):
    """These are other programs, which tell nobody when they are done: they are asked."""
    began = time.monotonic()
    while not (result := condition()):
        assert time.monotonic() - began < WAIT_SECONDS, f"not within {WAIT_SECONDS} s: {what}"
        time.sleep(0.3)
    if not quiet:
        print(f"ok    {what} ({time.monotonic() - began:.1f} s)", flush=True)
    return result


def held_for(relay, name):
    return sum(row["entries"] for row in run_ctl(CTL, relay, "queues")["destinations"]
               if row["destination"] == f"{name}.test")


def set_up():
    certificates()
    relay = Installation(RESTANTED, f"{FOLDER}/relay", "--listen", RELAY, "--tls-cert", f"{FOLDER}/relay.pem", "--tls-key",
                         f"{FOLDER}/relay.key", *NETWORK).start()
    servers = [Homeserver("a", 8010), Homeserver("b", 8020)]
    for number, server in enumerate(servers):
        server.start()
        keys = server.ask("GET", "/_matrix/key/v2/server")["verify_keys"]
        (key_id, key), = keys.items()
        run_ctl(CTL, relay, "serve", "add", f"{server.name}.test", "--front", f"{server.name}.relay.test:8449")
        run_ctl(CTL, relay, "key", "pin", f"{server.name}.test", key_id, key["key"])
        server.stop()
        server.set_up_node(relay.process.name, 8451 + number)
        serve_well_known(server.name)
    for server in servers:
        server.start()
    return relay, *servers


def main():
    relay, a, b = set_up()
    alice, bob = User(a, "alice"), User(b, "bob")
    room = alice.ask("POST", "/createRoom", {"preset": "public_chat", "room_alias_name": "meet"})["room_id"]
    run_ctl(CTL, a.node, "retrieve")  # and with everything collected, the front door passes on
    run_ctl(CTL, b.node, "retrieve")
    bob.ask("POST", "/join/" + urllib.parse.quote("#meet:a.test"), {})
    said = []

    def talk(user, count, when):
        for number in range(count):
            said.append(f"{user.id} {when} {number}")
            user.say(urllib.parse.quote(room), said[-1])

    def has_all(user):
        return lambda: user.messages(urllib.parse.quote(room)) == said

    talk(alice, 3, "with both there")
    wait_for("Bob has what Alice says while both are there", has_all(bob))
    talk(bob, 3, "with both there")
    wait_for("Alice has what Bob says while both are there", has_all(alice))
    alice.sync()
    bob.sync()
    b.leave()
    present, absent = (a, alice), (b, bob)
    numbers = {alice.id: [], bob.id: []}
    for round_number in range(ROUNDS * 2):
        (here, speaker), (there, listener) = present, absent
        talk(speaker, 5, f"in round {round_number}")
        for number in range(3):
            numbers[listener.id].append(10 * round_number + number)
            speaker.send_to_device(listener.id, numbers[listener.id][-1])
        seen = []  # several messages may share a transaction: silence says that all have gone

        def is_quiet():
            seen.append(held_for(relay, there.name))
            time.sleep(1)
            return len(seen) > 4 and seen[-1] > 0 and len(set(seen[-4:])) == 1

        wait_for(f"round {round_number}: the relay holds mail for {there.name}", is_quiet)
        here.leave()
        there.come_back()
        wait_for(f"{listener.id} has every message in order", has_all(listener))
        wait_for(f"{listener.id} has every to-device message once", lambda: listener.sync() == numbers[listener.id])
        present, absent = absent, present
    absent[0].come_back()
    for server in (a, b):
        assert not server.back_offs(), server.back_offs()
    wait_for("both have the same", lambda: has_all(alice)() and has_all(bob)())
    for server in (a, b):
        server.leave()
    assert relay.process.stop() == 0
    print(f"passed: {len(said)} messages, {sum(map(len, numbers.values()))} to-device messages")


main()
