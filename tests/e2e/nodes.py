# SPDX-License-Identifier: GPL-3.0-or-later
"""Installations of the end-to-end tests that are nodes or relays, and the homeserver's way into a node."""

import http.client
import json
import os
import subprocess

from restanted import Restanted

from matrixwire import canonical_json, unpadded_base64  # restanted.py put conformance/ on the path


class Installation:
    """A restanted with a data folder of its own, that can be killed and started again."""

    def __init__(self, program, folder, *options):
        self.program, self.folder, self.options = program, folder, list(options)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.process = None

    def start(self):
        self.process = Restanted(self.program, self.folder, *self.options, open_relay=False)
        self.process.wait_ready()
        return self

    def fix_port(self):
        """The address that was picked stays the same over restarts."""
        self.options = ["--listen", self.process.base.removeprefix("http://"), *self.options]
        return self


def write_signing_key(path, key_id, seed):
    """A homeserver's key as Synapse keeps it, for --import-key."""
    with open(path, "w", encoding="ascii") as file:
        file.write(f"ed25519 {key_id} {unpadded_base64(seed)}\n")
    return path


def run_ctl(program, installation, *arguments, check=True):
    """What restantectl says, parsed."""
    done = subprocess.run([program, "--data-dir", installation.folder, "--json", *arguments], capture_output=True,
                          text=True, timeout=120)
    assert not check or done.returncode == 0, f"restantectl {arguments}: {done.returncode} {done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip() else None


class Outbound:
    """The way a homeserver uses the node listener: absolute-form, bearer secret."""

    def __init__(self, node, identity, destination):
        with open(os.path.join(node.folder, "node.secret"), encoding="ascii") as file:
            self.secret = file.read().strip()
        self.address = node.process.ready["node"].removeprefix("http://")
        self.identity, self.destination = identity, destination
        self.connection = None

    def put(self, txn_id, body):
        target = f"/_matrix/federation/v1/send/{txn_id}"
        text = canonical_json(body)
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=60)
        connection = self.connection
        connection.putrequest("PUT", f"matrix-federation://{self.destination}{target}", skip_host=True,
                              skip_accept_encoding=True)
        connection.putheader("Host", self.destination)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(text)))
        connection.putheader("Proxy-Authorization", f"Bearer {self.secret}")
        connection.putheader("Authorization", self.identity.sign("PUT", target, self.destination, body))
        connection.endheaders(text)
        response = connection.getresponse()
        answer = response.read()
        return response.status, answer
