"""AWS on loopback, with what is deployed to it running for real. Prints its address; ends with SIGTERM, or with its
standard input if --lifeline is given.

    python -m tests.aws.emulator [--port 0] [--image build/release/bin/aircheck] [--image-env NAME=VALUE]...

Point AWS_ENDPOINT_URL at the address, with any credentials of which the key id has 20 letters. See tests/aws/README.md.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "2")

ROOT = Path(__file__).parents[3]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0: any")
    parser.add_argument("--image", default=str(ROOT / "build/release/bin/aircheck"), help="program that tasks run")
    parser.add_argument("--image-env", action="append", default=[], help="NAME=VALUE, given to every task")
    parser.add_argument("--minute", type=float, default=60, help="seconds that a minute of a schedule takes")
    parser.add_argument("--folder", type=Path, help="for unpacked functions and logs; a temporary one if not given")
    parser.add_argument("--small-parts", action="store_true", help="let S3 take parts from 4 KiB on")
    parser.add_argument("--lifeline", action="store_true", help="end when standard input ends")
    return parser.parse_args()


def main() -> None:
    options = parse()
    if options.small_parts:
        os.environ["S3_UPLOAD_PART_MIN_SIZE"] = "4096"
    from . import server  # moto reads the environment when it is imported
    from .application import Image, Options, World

    folder = options.folder or Path(tempfile.mkdtemp(prefix="aws-"))
    folder.mkdir(parents=True, exist_ok=True)
    image = Image(options.image, dict(pair.split("=", 1) for pair in options.image_env))
    late: dict[str, World] = {}
    listening = server.listen(options.port, lambda environ, start: late["world"](environ, start))
    address = f"http://127.0.0.1:{listening.server_port}"
    os.environ["MOTO_PORT"] = str(listening.server_port)
    world = late["world"] = World(address, Options(folder, image, options.minute))
    server.end_with_signals(world.close)
    if options.lifeline:
        server.end_with_standard_input(world.close)
    print(address, flush=True)
    listening.serve_forever()


if __name__ == "__main__":
    main()
