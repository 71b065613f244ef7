# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS from PEM files. These run in both modes; they start servers of their own."""
import os
import socket
import ssl
import subprocess
import time

from guardclient import Certificate, Client, Gone, Server, get, seconds


def both_kinds_of_key_serve(suite):
    for kind in ("ec", "rsa"):
        server = Server(suite.program, "--short", certificate=Certificate(suite.folder, kind, kind))
        try:
            suite.expect(server.scheme == "https", "the address says https")
            with Client(server) as client:
                suite.expect(b"TLS=yes\n" in client.ask(get("/e")).body, kind)
                suite.expect(client.socket.version() in ("TLSv1.2", "TLSv1.3"), client.socket.version())
        finally:
            status, said = server.stop()
        suite.expect(status == 0 and "end: 0" in said, (status, said))


def alpn_is_answered_with_http_1_1(suite):
    server = Server(suite.program, "--short", certificate=Certificate(suite.folder))
    try:
        server.context.set_alpn_protocols(["h2", "http/1.1"])
        with Client(server) as client:
            suite.expect(client.socket.selected_alpn_protocol() == "http/1.1", client.socket.selected_alpn_protocol())
            suite.expect(client.is_alive(), "served")
    finally:
        server.stop()


def old_tls_is_refused(suite):
    server = Server(suite.program, "--short", certificate=Certificate(suite.folder))
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            with socket.create_connection((server.host, server.port), 5) as raw, context.wrap_socket(raw):
                suite.expect(False, "TLS 1.1 was accepted")
        except (ssl.SSLError, OSError):
            pass  # as it should be
        with Client(server) as client:
            suite.expect(client.is_alive(), "others are served")
    finally:
        server.stop()


def a_chain_is_sent_whole(suite):
    folder = suite.folder
    authority = Certificate(folder, "authority")
    leaf_key, request, leaf = (os.path.join(folder, name) for name in ("leaf.key", "leaf.csr", "leaf.pem"))
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", leaf_key,
                    "-out", request, "-subj", "/CN=leaf"], **quiet)
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", authority.cert, "-CAkey", authority.key,
                    "-CAcreateserial", "-out", leaf, "-days", "2"], **quiet)
    chain = Certificate.__new__(Certificate)
    chain.cert, chain.key = os.path.join(folder, "chain.pem"), leaf_key
    with open(chain.cert, "wb") as out:
        for part in (leaf, authority.cert):
            with open(part, "rb") as source:
                out.write(source.read())
    server = Server(suite.program, "--short", certificate=chain)
    try:
        shown = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port, "-showcerts"],
                               input=b"", capture_output=True, timeout=10).stdout
        suite.expect(shown.count(b"BEGIN CERTIFICATE") == 2, shown[:500])
    finally:
        server.stop()


def unusable_files_are_said_clearly(suite):
    good = Certificate(suite.folder)
    other = Certificate(suite.folder, "other")
    rubbish = os.path.join(suite.folder, "rubbish.pem")
    with open(rubbish, "w") as file:
        file.write("this is no PEM\n")
    hollow = os.path.join(suite.folder, "hollow.pem")
    with open(hollow, "w") as file:
        file.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    locked = os.path.join(suite.folder, "locked.pem")
    subprocess.run(["openssl", "ec", "-in", good.key, "-aes256", "-passout", "pass:secret", "-out", locked], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    locked8 = os.path.join(suite.folder, "locked8.pem")
    subprocess.run(["openssl", "pkcs8", "-topk8", "-in", good.key, "-passout", "pass:secret", "-out", locked8], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for cert, key, words in (
            ("/nonexistent.pem", good.key, "cannot be read"),
            (good.cert, "/nonexistent.pem", "cannot be read"),
            (rubbish, good.key, "is not a PEM file"),
            (good.cert, rubbish, "is not a PEM file"),
            (hollow, good.key, "holds no certificate"),
            (good.key, good.key, "holds no certificate"),
            (good.cert, good.cert, "holds no EC or RSA private key"),
            (good.cert, other.key, "cannot be used together"),
            (good.cert, locked, "passphrase"),
            (good.cert, locked8, "passphrase")):
        result = subprocess.run([suite.program, "--tls-cert", cert, "--tls-key", key], capture_output=True, timeout=10,
                                stdin=subprocess.DEVNULL)
        text = result.stderr.decode()
        suite.expect(result.returncode == 1 and words in text and len(text.strip().split("\n")) == 1,
                     "%r wanted: %r" % (words, result))


def a_client_that_never_shakes_hands_is_ended(suite):
    server = Server(suite.program, "--short", certificate=Certificate(suite.folder))
    try:
        for first in (b"", b"\x16\x03\x01\x02\x00"):
            with Client(server, wrap=False) as client:
                client.send(first)
                begin = time.monotonic()
                suite.expect(client.is_ended(6), "ended")
                suite.expect(time.monotonic() - begin > 0.8, "not at once")
        with Client(server, wrap=False) as client:
            client.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            try:
                while True:
                    client.rest += client.receive()
            except Gone:
                pass
            suite.expect(b"hello" not in client.rest, "plain HTTP on a TLS port: %r" % client.rest)
        with Client(server) as client:
            suite.expect(client.is_alive(), "others are served")
    finally:
        status, said = server.stop()
    suite.expect(status == 0 and "end: 0" in said, (status, said))


def silent_handshakes_do_not_stop_accepting(suite):
    server = Server(suite.program, "--short", certificate=Certificate(suite.folder))
    silent = []
    try:
        for _ in range(40):
            silent.append(Client(server, source="127.0.0.9", wrap=False))
        begin = time.monotonic()
        with Client(server) as client:
            suite.expect(client.is_alive(), "served")
        suite.expect(time.monotonic() - begin < seconds(1.4), "without waiting for the silent ones")
    finally:
        for client in silent:
            client.close()
        server.stop()


CASES = [
    both_kinds_of_key_serve,
    alpn_is_answered_with_http_1_1,
    old_tls_is_refused,
    a_chain_is_sent_whole,
    unusable_files_are_said_clearly,
    a_client_that_never_shakes_hands_is_ended,
    silent_handshakes_do_not_stop_accepting,
]
