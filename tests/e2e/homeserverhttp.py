# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 over asyncio for the stand-in homeserver: targets and header order exactly as given, nothing added."""

import asyncio
import ssl
import threading
from dataclasses import dataclass, field

HEAD_BYTES = 65_536
STATUS_WORDS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
                429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway"}


class NoAnswer(Exception):
    """The other side could not be reached, or dropped the connection. `refused`: nothing listens there."""

    def __init__(self, why, refused=False):
        super().__init__(why)
        self.refused = refused


class Dropped(Exception):
    """Raised by a server's answer function to close the connection without an answer."""


@dataclass
class Request:
    method: str
    target: str
    headers: list  # of (name, value), in order
    body: bytes

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Response:
    status: int
    body: bytes
    headers: dict = field(default_factory=dict)  # names in lower case


async def read_head(reader):
    """First line and headers; None if the connection ended before."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise NoAnswer("the connection ended within a head") from error
        return None
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    return first, headers


async def read_body(reader, headers, until_end=False):
    lower = {name.lower(): value for name, value in headers}
    if lower.get("transfer-encoding", "").lower() == "chunked":
        pieces = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            pieces.append((await reader.readexactly(size + 2))[:-2])
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return b"".join(pieces)
    if "content-length" in lower:
        return await reader.readexactly(int(lower["content-length"]))
    return await reader.read() if until_end else b""


class Server:
    """Answers each request by `await answer(request)`, which returns a Response or raises Dropped."""

    def __init__(self, answer, certificate=None, key=None):
        self.answer = answer
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate, key)
        self.server = None
        self.connections = set()

    async def start(self, port=0):
        """Listens on loopback; returns the port."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=HEAD_BYTES, ssl=self.context)
        return self.server.sockets[0].getsockname()[1]

    async def stop(self):
        self.server.close()
        for task in list(self.connections):
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)
        await self.server.wait_closed()

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self.connections.add(task)
        try:
            while (head := await read_head(reader)) is not None:
                method, target, version = head[0].split(" ")
                request = Request(method, target, head[1], await read_body(reader, head[1]))
                response = await self.answer(request)
                close = "close" in request.all("connection") or version != "HTTP/1.1"
                writer.write(self._written(response, close))
                await writer.drain()
                if close:
                    break
        except (Dropped, NoAnswer, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError,
                asyncio.CancelledError):
            pass
        finally:
            self.connections.discard(task)
            writer.close()

    @staticmethod
    def _written(response, close):
        """As a Synapse answers: errors in chunks, the rest with its length."""
        head = [f"HTTP/1.1 {response.status} {STATUS_WORDS.get(response.status, 'Status')}"]
        headers = {"Content-Type": "application/json", **response.headers}
        if response.status >= 400:
            headers["Transfer-Encoding"] = "chunked"
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(response.body), response.body) if response.body else b"0\r\n\r\n"
        else:
            headers["Content-Length"] = str(len(response.body))
            body = response.body
        if close:
            headers["Connection"] = "close"
        head += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body


class Client:
    """One kept-alive connection to each address; requests of one address go one after the other."""

    def __init__(self, timeout=60):
        self.timeout = timeout
        self.idle = {}  # address: (reader, writer)

    async def exchange(self, address, method, target, headers, body=b""):
        """Sends exactly this; `address` is host:port, or https://host:port, whose certificate is not looked at."""
        text = "".join(f"{name}: {value}\r\n" for name, value in headers)
        message = f"{method} {target} HTTP/1.1\r\n{text}\r\n".encode() + body
        is_last = ("Connection", "close") in headers
        try:
            return await asyncio.wait_for(self._exchange(address, method, message, is_last), self.timeout)
        except (asyncio.TimeoutError, asyncio.IncompleteReadError, OSError, ValueError) as error:
            raise NoAnswer(f"{address}: {type(error).__name__}", isinstance(error, ConnectionRefusedError)) from error

    async def _exchange(self, address, method, message, is_last):
        connection = None if is_last else self.idle.pop(address, None)
        if connection is not None:
            try:
                return await self._round(connection, address, method, message, is_last)
            except (NoAnswer, OSError):  # it was closed while it was idle: nothing of an answer came
                pass
        plain = address.removeprefix("https://")
        context = ssl._create_unverified_context() if plain != address else None
        host, _, port = plain.rpartition(":")
        connection = await asyncio.open_connection(host.strip("[]"), int(port), limit=HEAD_BYTES, ssl=context)
        return await self._round(connection, address, method, message, is_last)

    async def _round(self, connection, address, method, message, is_last):
        reader, writer = connection
        keep = False
        try:
            writer.write(message)
            await writer.drain()
            head = await read_head(reader)
            if head is None:
                raise NoAnswer(f"{address} closed the connection without an answer")
            first, headers = head
            status = int(first.split(" ")[1])
            lower = {name.lower(): value for name, value in headers}
            body = await read_body(reader, headers, until_end=method != "HEAD")
            keep = not is_last and lower.get("connection", "").lower() != "close"
            return Response(status, body, lower)
        finally:
            if keep and address not in self.idle:
                self.idle[address] = connection
            else:
                writer.close()

    def close(self):
        for _, writer in self.idle.values():
            writer.close()
        self.idle.clear()


class LoopThread:
    """An event loop in a thread of its own, for scripts that have none."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine, seconds=60):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(seconds)

    def stop(self):
        """Ends what still runs in it."""
        self.run(self._end_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    @staticmethod
    async def _end_tasks():
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
