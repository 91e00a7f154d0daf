"""moto as the AWS of src/aws's tests, on a free port of loopback. Prints the port when it listens, ends when its
standard input does, so that it never outlives the test that started it.

    python tests/aws/moto_world.py

Beside AWS's own interfaces it has five of its own:
  POST /_world/time?ms=N stops SQS's clock at N milliseconds after the epoch, so that visibility timeouts and
    deduplication pass without waiting
  POST /_world/heal forgets the faults, and sets AWS's clock right
  POST /_world/clock?seconds=N puts that clock so far before this machine's; what is not signed by it is refused
  POST /_world/expire?key=K refuses what is signed with this access key
  POST /_world/fault?on=T&kind=K&count=N lets the next N requests fail as emulator/application.py's Fault says
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
os.environ.setdefault("S3_UPLOAD_PART_MIN_SIZE", "4096")  # recordings of a few hundred kilobytes, in parts
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.aws.emulator import server  # noqa: E402
from tests.aws.emulator.application import Moto  # noqa: E402


def main() -> None:
    listening = server.listen(0, Moto())
    server.end_with_standard_input(lambda: None)
    print(listening.server_port, flush=True)
    listening.serve_forever()


if __name__ == "__main__":
    main()
