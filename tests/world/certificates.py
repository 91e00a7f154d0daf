"""A certificate authority for one test run, and a server certificate for every name the tests use."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
from pathlib import Path

NAMES = ["localhost", "*.youtube.com", "youtube.com", "youtu.be", "*.googlevideo.com", "*.ytimg.com", "*.ggpht.com"]
ADDRESSES = ["127.0.0.1", "::1"]


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    """Lives in a temporary folder that goes with the object. `ca_file` is what clients must trust."""

    def __init__(self, names: list[str] = NAMES):
        self.folder = tempfile.TemporaryDirectory(prefix="aircheck-ca-")
        here = Path(self.folder.name)
        self.ca_file = here / "ca.pem"
        self.chain, self.key = here / "server.pem", here / "server.key"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        openssl(
            "req", "-x509", *curve, "-keyout", here / "ca.key", "-out", self.ca_file, "-subj", "/CN=aircheck test CA"
        )
        openssl("req", *curve[:-2], "-keyout", self.key, "-out", here / "server.csr", "-subj", "/CN=localhost")
        subject = [f"DNS:{name}" for name in names] + [f"IP:{address}" for address in ADDRESSES]
        (here / "names").write_text(f"subjectAltName={','.join(subject)}\n")
        openssl(
            *("x509", "-req", "-in", here / "server.csr", "-CA", self.ca_file, "-CAkey", here / "ca.key"),
            *("-CAcreateserial", "-days", "2", "-extfile", here / "names", "-out", self.chain),
        )

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE  # like Google's: the client's order of ciphers counts
        return context

    def close(self) -> None:
        self.folder.cleanup()
