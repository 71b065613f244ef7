# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops a real restanted for the end-to-end tests."""

import json
import os
import queue
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "conformance"))

READY_SECONDS = 60
STOP_SECONDS = 30
WAIT_SECONDS = 30


class Restanted:
    """One process. `ready` is the parsed ready line; `errors` collects standard error."""

    def __init__(self, program, folder, *options, open_relay=True, **popen):
        command = [program, "--data-dir", folder, "--listen", "127.0.0.1:0", *options]
        if open_relay:
            command.append("--open-relay")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)
        self.errors = []
        self.lines = queue.Queue()
        threading.Thread(target=self._read_errors, daemon=True).start()
        threading.Thread(target=self._read_lines, daemon=True).start()
        self.ready = None

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.rstrip("\n"))

    def _read_lines(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def wait_ready(self):
        line = self.lines.get(timeout=READY_SECONDS)
        assert line is not None, f"ended without a ready line (status {self.process.wait()}): {self.errors[-3:]}"
        self.ready = json.loads(line)
        assert self.ready["event"] == "ready"
        return self

    @property
    def base(self):
        return self.ready["listen"][0]

    @property
    def name(self):
        return self.ready["server_name"]

    def relay(self):
        from matrixwire import Relay

        return Relay(self.base, self.name)

    def kill(self):
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def stop(self):
        """SIGTERM; returns the exit status."""
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def wait(self):
        return self.process.wait(READY_SECONDS)


def eventually(condition, what):
    """Polls `condition` until it is true: for states of another process that announce themselves nowhere."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.05)


def run_cases(cases):
    """Runs functions, prints a line each and the closing count, and returns the exit status."""
    passed = failed = 0
    for case in cases:
        title = case.__name__.replace("_", " ")
        try:
            case()
            passed += 1
            print(f"ok    {title}", flush=True)
        except Exception as error:  # a case may fail in any way; the run goes on
            failed += 1
            line = error.__traceback__.tb_next.tb_lineno if error.__traceback__.tb_next else 0
            print(f"FAIL  {title}\n        {type(error).__name__}: {error} (line {line})", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
