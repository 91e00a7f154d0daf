"""How long a Lambda takes from the start of its process until it asks for its first event."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import median

from bench import report
from bench.report import Target

ROOT = Path(__file__).resolve().parents[1]
ZIPS = ROOT / "build/lambda"
HANDLERS = ROOT / "bench/handlers"
NODE_MODULES = ROOT / "build/bench-node/node_modules"
FUNCTIONS = ["dispatch_to_ecs", "sqs_handler", "reconciler"]
SETTINGS = {
    "PATH": "/usr/bin:/bin",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AIRCHECK_TABLE": "jobs",
    "AIRCHECK_BUCKET": "recordings",
    "AIRCHECK_QUEUE_URL": "https://127.0.0.1/queue",
    "AIRCHECK_DEAD_LETTER_URL": "https://127.0.0.1/dead",
}


def until_first_next(command: list[str], environment: dict[str, str]) -> float:
    """Seconds; the process is ended then."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        began = time.monotonic()
        process = subprocess.Popen(
            command, env={**SETTINGS, **environment, "AWS_LAMBDA_RUNTIME_API": address}, stdin=subprocess.DEVNULL
        )
        try:
            connection, _ = server.accept()
            with connection:
                asked = connection.recv(4096)
                took = time.monotonic() - began
                assert b"/invocation/next" in asked, asked
                return took
        finally:
            process.kill()
            process.wait()


def unpack(zip_file: Path, folder: Path) -> list[str]:
    with zipfile.ZipFile(zip_file) as archive:
        archive.extractall(folder)
    program = folder / "bootstrap"
    os.chmod(program, 0o755)
    return [str(program)]


def contestants(folder: Path) -> tuple[dict[str, tuple[list[str], dict[str, str], Path | None]], list[str]]:
    """Command, environment and zip of each; and a word on each that is left out."""
    found: dict[str, tuple[list[str], dict[str, str], Path | None]] = {}
    missing = []
    for function in FUNCTIONS:
        archive = ZIPS / f"{function}.zip"
        if archive.exists():
            found[function] = (unpack(archive, folder / function), {}, archive)
        else:
            missing.append(f"{function}: build it with tools/build-lambdas; left out")
    node = shutil.which("node")
    if node and NODE_MODULES.exists():
        environment = {"BENCH_NODE_MODULES": f"{NODE_MODULES}/"}
        found["node, AWS SDK 3"] = ([node, "--no-warnings", str(HANDLERS / "handler.mjs")], environment, None)
    else:
        missing.append(
            "node's handler needs: npm install --prefix build/bench-node @aws-sdk/client-dynamodb @aws-sdk/client-sqs"
        )
    found["Python, boto3"] = ([sys.executable, str(HANDLERS / "handler.py")], {}, None)
    return found, missing


def measure_all(runs: int) -> tuple[str, list[Target], list[str]]:
    """A table, the targets, and what was left out."""
    rows, targets = [], []
    with tempfile.TemporaryDirectory(prefix="aircheck-bench-") as folder:
        found, missing = contestants(Path(folder))
        for name, (command, environment, archive) in found.items():
            until_first_next(command, environment)  # from the disk
            times = sorted(until_first_next(command, environment) * 1000 for _ in range(runs))
            size = archive.stat().st_size / 1e6 if archive else None
            rows.append([name, f"{median(times):.1f}", f"{times[-1]:.1f}", f"{size:.2f}" if size else ""])
            if archive and size:
                targets.append(Target(f"{name}: process start → first /next, ms", 5, median(times)))
                targets.append(Target(f"{name}: zip, MB", 4, size))
    head = ["", "start → first /next, ms (median)", "slowest", "zip, MB"]
    return f"### Start of a Lambda\n\n{runs} starts each.\n\n{report.table(head, rows)}", targets, missing
