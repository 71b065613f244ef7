#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conformance kit over TLS: makes a certificate of its own, then runs the kit with it.

    conformancetls.py path/to/restanted
"""

import os
import shlex
import subprocess
import sys
import tempfile


def main() -> int:
    program = sys.argv[1]
    kit = os.path.join(os.path.dirname(os.path.abspath(__file__)), "conformance", "run.py")
    with tempfile.TemporaryDirectory(prefix="restante-tls-") as folder:
        certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        command = shlex.join([program, "--tls-cert", certificate, "--tls-key", key])
        return subprocess.run([sys.executable, "-B", kit, "--spawn", command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
