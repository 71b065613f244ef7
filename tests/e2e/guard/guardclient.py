# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that sends exactly the bytes it is told to, and the server that it is pointed at."""
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time

_slowness = 1.0


def set_slowness(factor):
    """Says how much slower than usual server and machine are: all times here stretch with it, the server's too."""
    global _slowness
    _slowness = factor


def seconds(value):
    """A time in the pace of this run."""
    return value * _slowness


def patience():
    """Seconds that any single step may take."""
    return seconds(10)


class Gone(Exception):
    """The server closed the connection."""


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        values = [v for n, v in self.headers if n.lower() == name.lower()]
        return values[0] if values else None

    def headers_named(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def __repr__(self):
        return "Answer(%d, %r, %r)" % (self.status, self.headers, self.body[:300])


class Client:
    """One connection. Reads whole answers, remembers what came behind them."""

    def __init__(self, server, source=None, wait=10, receive_buffer=None, wrap=True):
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(seconds(wait))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((server.host, server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls and wrap:
            self.socket = server.context.wrap_socket(self.socket, server_hostname="localhost")
        self.rest = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError) as error:
            raise Gone(repr(error))

    def send_slowly(self, data):
        for index in range(len(data)):
            self.send(data[index:index + 1])

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except ssl.SSLWantReadError:
            raise
        except (ConnectionResetError, ssl.SSLError) as error:
            raise Gone(repr(error))
        if not data:
            raise Gone("end of stream")
        return data

    def answer(self, head_only=False):
        """The next answer, interim ones included."""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.receive()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        match = re.match(r"HTTP/1\.1 (\d\d\d) ?", lines[0])
        if not match:
            raise ValueError("no status line: %r" % lines[0])
        status = int(match.group(1))
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        lengths = [int(v) for n, v in headers if n.lower() == "content-length"]
        if len(lengths) > 1:
            raise ValueError("more than one Content-Length")
        length = 0 if head_only or status < 200 or status in (204, 304) else (lengths[0] if lengths else 0)
        while len(self.rest) < length:
            self.rest += self.receive()
        body, self.rest = self.rest[:length], self.rest[length:]
        return Answer(status, headers, body)

    def ask(self, data, head_only=False):
        self.send(data)
        return self.answer(head_only)

    def is_alive(self):
        """Whether the connection still serves requests, with nothing between the answers."""
        if self.rest:
            return False
        try:
            return self.ask(get("/hello")).body == b"hello\n"
        except Gone:
            return False

    def is_ended(self, within=10):
        """Whether the server ends the connection, without another byte."""
        self.socket.settimeout(seconds(within))
        try:
            self.receive()
        except Gone:
            return True
        except (socket.timeout, TimeoutError):
            return False
        return False

    def is_answered(self):
        """Whether an answer, or the end, is there already. (Bytes alone may be TLS tickets.)"""
        timeout = self.socket.gettimeout()
        self.socket.settimeout(0)
        try:
            self.rest += self.receive()
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except Gone:
            self.ended = True
        finally:
            self.socket.settimeout(timeout)
        return self.ended or bool(self.rest)


def head(request_line, *fields, body=b""):
    lines = [part.encode("latin-1") if isinstance(part, str) else part for part in (request_line,) + fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def get(target, *fields, method="GET"):
    line = method.encode() + b" " + (target.encode() if isinstance(target, str) else target) + b" HTTP/1.1"
    return head(line, "Host: a", *fields)


def put(target, body, *fields):
    return head("PUT %s HTTP/1.1" % target, "Host: a", "Content-Length: %d" % len(body), *fields, body=body)


def chunked(target, body, *fields):
    return head("PUT %s HTTP/1.1" % target, "Host: a", "Transfer-Encoding: chunked", *fields, body=body)


class Certificate:
    """A key and a self-signed certificate, made with the openssl command."""

    def __init__(self, folder, name="server", kind="ec"):
        self.cert = os.path.join(folder, name + ".cert.pem")
        self.key = os.path.join(folder, name + ".key.pem")
        algorithm = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else ["rsa:2048"]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *algorithm, "-nodes", "-keyout", self.key, "-out", self.cert,
             "-subj", "/CN=localhost", "-days", "2"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Server:
    """One running server under test."""

    def __init__(self, program, *options, host="127.0.0.1", certificate=None):
        self.host = host
        self.tls = certificate is not None
        self.errors = tempfile.TemporaryFile()
        command = [program, "--listen", host, "--slowness", str(_slowness), *options]
        if certificate:
            command += ["--tls-cert", certificate.cert, "--tls-key", certificate.key]
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors)
        ready = self.process.stdout.readline().decode()
        match = re.match(r"(https?)://(\S+):(\d+)\s", ready)
        if not match:
            self.process.wait(patience())
            raise RuntimeError("the server did not start: %r %s" % (ready, self.error_text()))
        self.scheme = match.group(1)
        self.port = int(match.group(3))

    def error_text(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def resident_mib(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) // 1024
        return 0

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wakeups(self):
        total = 0
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            with open("/proc/%d/task/%s/status" % (self.process.pid, task)) as status:
                total += sum(int(line.split()[1]) for line in status if line.startswith("voluntary"))
        return total

    def stop(self):
        """Ends it in order. Returns (exit status, what it said last)."""
        self.process.send_signal(signal.SIGTERM)
        try:
            out = self.process.communicate(timeout=patience())[0].decode()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return None, "it did not end"
        return self.process.returncode, out


def wait_until(condition, within=10, pause=0.05):
    end = time.monotonic() + seconds(within)
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return condition()
