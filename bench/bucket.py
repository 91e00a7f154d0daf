"""As much of S3 as a recorder uses, on loopback and over TLS: puts, multipart uploads, gets of the small journal.
Parts lie in a folder; an object that was completed is the list of its parts, so that completing takes no time that
S3 would not take.

python3 -m bench.bucket --folder DIR --certificate PEM --key PEM       # prints its address
"""

from __future__ import annotations

import argparse
import hashlib
import json
import ssl
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class Bucket(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path, certificate: str, key: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.objects: dict[str, list[Path]] = {}
        self.uploads: dict[str, dict[int, Path]] = {}
        self.completed_at: dict[str, float] = {}
        self.lock = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE  # S3 would choose AES-128 whatever the client's order
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: object) -> None:
        pass  # a recorder that was killed

    def store(self, body: bytes) -> Path:
        file = self.folder / uuid.uuid4().hex
        file.write_bytes(body)
        return file


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Bucket

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def asked(self) -> tuple[str, dict[str, str]]:
        url = urlsplit(self.path)
        return unquote(url.path), {k: v[0] for k, v in parse_qs(url.query, keep_blank_values=True).items()}

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_PUT(self) -> None:
        key, query = self.asked()
        body = self.body()
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        file = self.server.store(body)
        with self.server.lock:
            if "uploadId" in query:
                self.server.uploads[query["uploadId"]][int(query["partNumber"])] = file
            else:
                self.server.objects[key] = [file]
                self.server.completed_at[key] = time.time()
        self.answer(200, ETag=etag)

    def do_POST(self) -> None:
        key, query = self.asked()
        self.body()
        if "uploads" in query:
            upload = uuid.uuid4().hex
            self.server.uploads[upload] = {}
            return self.answer(200, f"<R><UploadId>{upload}</UploadId></R>".encode())
        parts = self.server.uploads.pop(query["uploadId"])
        with self.server.lock:
            self.server.objects[key] = [parts[number] for number in sorted(parts)]
            self.server.completed_at[key] = time.time()
        return self.answer(200, b"<R><ETag>done</ETag></R>")

    def do_GET(self) -> None:
        key, query = self.asked()
        if key == "/_completed":
            return self.answer(200, json.dumps(self.server.completed_at).encode())
        if key == "/_parts":
            parts = {name: [str(part) for part in files] for name, files in self.server.objects.items()}
            return self.answer(200, json.dumps(parts).encode())
        if "uploads" in query or "list-type" in query:
            return self.answer(200, b"<R></R>")
        files = self.server.objects.get(key)
        if files is None:
            return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self.answer(200, b"".join(file.read_bytes() for file in files), ETag='"x"')

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.asked()[0], None)
        self.answer(204)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--folder", "--certificate", "--key"):
        parser.add_argument(name, required=True)
    options: Any = parser.parse_args()
    bucket = Bucket(Path(options.folder), options.certificate, options.key)
    print(f"https://127.0.0.1:{bucket.server_port}", flush=True)
    bucket.serve_forever()


if __name__ == "__main__":
    main()
