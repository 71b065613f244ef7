#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Black-box suite for the HTTP guard: hostile and odd clients against restante_guardtest.

    guardsuite.py --server BUILD/tests/e2e/guard/restante_guardtest [--tls] [--slowness N] [--memory-factor N]
                  [--only TEXT] [--without TEXT]

Prints one line a case and `N passed, M failed` at the end; exits 0 when none failed.
"""
import argparse
import shutil
import sys
import tempfile
import time
import traceback

import attackcases
import framingcases
import protocolcases
import tlscases
from guardclient import Certificate, Server, set_slowness


class Suite:
    """What the cases get: the server, how to start others, and how to say what they found."""

    def __init__(self, arguments, folder):
        self.program = arguments.server
        self.memory_factor = arguments.memory_factor
        self.folder = folder
        self.certificate = Certificate(folder) if arguments.tls else None
        self.tls = arguments.tls
        self.server = self.start("--short")
        self.failures = []

    def start(self, *options, host="127.0.0.1"):
        return Server(self.program, *options, host=host, certificate=self.certificate)

    def expect(self, condition, what):
        """Notes a failure, with what was found, when `condition` is false."""
        if not condition:
            self.failures.append(str(what))

    def expect_error(self, answer, status, errcode="M_UNKNOWN"):
        """An error answer has its status, and a JSON body with errcode and text."""
        import json
        self.expect(answer.status == status, "status %d wanted: %r" % (status, answer))
        self.expect(answer.header("content-type") == "application/json", "JSON wanted: %r" % answer)
        try:
            body = json.loads(answer.body)
            self.expect(body.get("errcode") == errcode, "%s wanted: %r" % (errcode, answer))
            self.expect(bool(body.get("error")), "a sentence wanted: %r" % answer)
        except ValueError:
            self.expect(False, "the body is no JSON: %r" % answer)

    def expect_grew_less_than(self, before_mib, limit_mib, what):
        now = self.server.resident_mib()
        self.expect(now - before_mib < limit_mib * self.memory_factor,
                    "%s: resident memory grew from %d to %d MiB" % (what, before_mib, now))

    def run(self, case):
        self.failures = []
        begin = time.monotonic()
        try:
            case(self)
        except Exception:  # whatever it was, it is this case's failure
            self.failures.append(traceback.format_exc(limit=4))
        if self.server.process.poll() is not None:
            self.failures.append("the server died: %s" % self.server.error_text()[-4000:])
            self.server = self.start("--short")
        name = case.__name__.replace("_", " ")
        print("%s %5.1fs %s" % ("FAIL" if self.failures else "ok  ", time.monotonic() - begin, name), flush=True)
        for failure in self.failures:
            print("      " + failure.replace("\n", "\n      "), flush=True)
        return not self.failures


def ended_in_order(suite):
    """After everything the server ends by itself, has no connection left and reported nothing."""
    status, said = suite.server.stop()
    suite.expect(status == 0, "exit status %r: %s" % (status, suite.server.error_text()[-4000:]))
    suite.expect("open connections at the end: 0" in said, said)
    errors = suite.server.error_text()
    for word in ("Sanitizer", "runtime error"):
        suite.expect(word not in errors, errors[-8000:])
    suite.server = suite.start("--short")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--memory-factor", type=float, default=1.0)
    parser.add_argument("--slowness", type=float, default=1.0, help="stretch every time by this factor")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--without", default=[], action="append", help="no case whose name contains this")
    arguments = parser.parse_args()
    set_slowness(arguments.slowness)
    if not shutil.which("openssl"):
        sys.exit("the openssl command is needed")

    cases = protocolcases.CASES + framingcases.CASES + attackcases.CASES + tlscases.CASES + [ended_in_order]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(arguments, folder)
        for case in cases:
            name = case.__name__.replace("_", " ")
            if arguments.only not in name or any(text in name for text in arguments.without):
                continue
            if suite.run(case):
                passed += 1
            else:
                failed += 1
        suite.server.stop()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
