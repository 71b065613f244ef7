# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people exchange two links, and that is all: the relay, reached by TLS at an address of the network with the
certificate that it made for itself, holds mail for the other one, who collects it. Also after the relay has started anew.

usage: twolinks.py RESTANTED RESTANTECTL
"""

import json
import os
import socket
import ssl
import sys
import tempfile
import urllib.parse

from nodes import Installation, run_ctl

RESTANTED, RESTANTECTL = sys.argv[1:3]
NODE = ["--set", "node.enabled=true", "--set", "node.listen=127.0.0.1:0", "--set",
        "node.failures_until_offline=1", "--set", "federation.allowed_networks=127.0.0.0/8"]


def exchange(relay, anna, address):
    """The two links; answers what each says."""
    run_ctl(RESTANTECTL, relay, "settings", "set", "card.addresses", address, "card.name", "Bob")
    link = run_ctl(RESTANTECTL, relay, "card")["card"]
    added = run_ctl(RESTANTECTL, anna, "card", "add", link)
    answer = run_ctl(RESTANTECTL, anna, "card", "--friend")["card"]
    run_ctl(RESTANTECTL, relay, "card", "add", answer)
    return added, link


def send(carol, anna, folder, text):
    """One message from Carol, who has never seen Anna online."""
    path = os.path.join(folder, "transaction.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"origin": carol.process.name, "origin_server_ts": 1, "pdus": [], "edus": [
            {"edu_type": "m.direct_to_device", "content": {"sender": f"@c:{carol.process.name}", "type": "m.test",
                                                           "message_id": text, "messages": {}}}]}, file)
    run_ctl(RESTANTECTL, carol, "send", path, anna.process.name)


def collected(anna):
    run_ctl(RESTANTECTL, anna, "retrieve")
    found = []
    while True:
        entry = run_ctl(RESTANTECTL, anna, "inbox", "next")
        if not entry:
            return found
        found += [edu["content"]["message_id"] for edu in entry["edus"] if edu["edu_type"] == "m.direct_to_device"]
        run_ctl(RESTANTECTL, anna, "inbox", "discard", str(entry["id"]))


with tempfile.TemporaryDirectory() as folder:
    relay = Installation(RESTANTED, f"{folder}/relay", "--listen", "0.0.0.0:0").start()
    anna = Installation(RESTANTED, f"{folder}/anna", *NODE).start()
    carol = Installation(RESTANTED, f"{folder}/carol", *NODE).start()
    try:
        plain, encrypted = relay.process.ready["listen"]
        assert plain.startswith("http://127.0.0.1:") and encrypted.startswith("https://0.0.0.0:"), (plain, encrypted)
        port = int(encrypted.rsplit(":", 1)[1])
        address = f"https://127.0.0.1:{port}"
        status = run_ctl(RESTANTECTL, relay, "status")
        added, link = exchange(relay, anna, address)
        assert added["pin"] == status["pin"] and len(added["pin"]) == 64, (added, status["pin"])
        values = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
        assert values["pin"] == [status["pin"]], link
        print("two links were exchanged")

        run_ctl(RESTANTECTL, carol, "relay", "add", relay.process.name, "--url", address, "--pin", status["pin"], "--for",
                anna.process.name)
        send(carol, anna, folder, "first")
        assert collected(anna) == ["first"]
        print("mail was held and handed over")

        # Another start, another folder of sockets: the same certificate, so the links stay good.
        relay.process.stop()
        relay.options = ["--listen", f"0.0.0.0:{port}"]
        relay.start()
        send(carol, anna, folder, "second")
        assert collected(anna) == ["second"]
        assert run_ctl(RESTANTECTL, relay, "status")["pin"] == status["pin"]
        print("the certificate is the same after a start")

        # Whoever shows another certificate in its place is not talked to.
        wrong = "0" * 64
        run_ctl(RESTANTECTL, carol, "relay", "edit", relay.process.name, "--for", anna.process.name, "--pin", wrong)
        trial = run_ctl(RESTANTECTL, carol, "relay", "test", relay.process.name, "--for", anna.process.name, check=False)
        assert trial["outcome"] == "certificate_refused" and "pinned" in trial["detail"], trial
        context = ssl.create_default_context()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
                context.wrap_socket(raw, server_hostname="127.0.0.1")
            raise AssertionError("an authority vouches for a certificate that the relay made")
        except ssl.SSLCertVerificationError:
            pass
        print("without the pin nobody believes it")
    finally:
        for each in (relay, anna, carol):
            if each.process:
                each.process.stop()
