"""A Docker engine on a Debian of its own, with Docker Compose, as a machine of an operator has them.

Both run in namespaces of their own: processes, mounts, and a network that has only a loopback, so that the engine's
bridges and firewall rules are nobody else's. Nothing of it outlives close().
"""

from __future__ import annotations

import shutil
import subprocess
import uuid
from pathlib import Path

import debian
from debian import KEPT, ROOT, Missing, need, run
from image import buildah
from program import Process, wait_until

# The engine is Debian's; Compose is built from its Go module, the last that speaks to an engine as old as Debian 12's.
PACKAGES = "docker.io iproute2 tini"
COMPOSE = ["github.com/docker/compose/v2@v2.40.3", "cmd"]
PLUGIN = Path("usr/libexec/docker/cli-plugins/docker-compose")
BOOT = """
mount --bind "$1" "$1" && cd "$1" && mkdir -p .before &&
mount -t proc proc proc && mount -t sysfs sysfs sys && mount --rbind /sys/fs/cgroup sys/fs/cgroup &&
mount --rbind /dev dev && mount -t tmpfs tmpfs run && pivot_root . .before && umount -l /.before && ip link set lo up &&
exec tini -- dockerd --cgroup-parent="$2" --userland-proxy=true >/var/log/dockerd.log 2>&1
"""


def compose() -> Path:
    """The program `docker-compose`, built once. Raises Missing."""
    program = KEPT / "docker-compose"
    done = subprocess.run([ROOT / "tools/go-install", *COMPOSE, program], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Missing(f"Docker Compose: {done.stderr.strip().removeprefix('skipped: ')}")
    return program


def prepared() -> Path:
    """A tar file of our Debian with the engine. Raises Missing."""
    tar, base = KEPT / "engine.tar", debian.base()
    if tar.exists() and tar.stat().st_mtime > base.stat().st_mtime:
        return tar
    root = KEPT / "engine.new"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    run("tar", "-C", root, "-xf", base)
    policy = root / "usr/sbin/policy-rc.d"  # installing starts no service
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    install = f"apt-get -q update && apt-get -qy --no-install-recommends install {PACKAGES} && apt-get clean"
    script = f"export DEBIAN_FRONTEND=noninteractive; {install}"
    done = subprocess.run(["chroot", root, "sh", "-c", script], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Missing(f"the engine cannot be installed: {done.stderr[-500:]}")
    run("tar", "-C", root, "-cf", tar, ".")
    shutil.rmtree(root)
    return tar


class Engine:
    def __init__(self, folder: Path):
        need("unshare", "nsenter", "pivot_root", "curl")
        self.root, self.group = folder / "root", f"aircheck-{uuid.uuid4().hex[:12]}"
        plugin = self.root / PLUGIN
        plugin.parent.mkdir(parents=True)
        shutil.copy(compose(), plugin)
        run("tar", "-C", self.root, "-xf", prepared())
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
        self.process = Process([*command, "bash", "-c", BOOT, "bash", self.root, f"/{self.group}"], folder / "logs")
        try:
            wait_until(lambda: self.try_to("docker", "info").returncode == 0, 60, "the engine's start")
        except (TimeoutError, AssertionError) as reason:
            log = self.root / "var/log/dockerd.log"
            told = log.read_text()[-2000:] if log.exists() else ""
            self.close()
            raise Missing(f"no Docker engine starts here: {reason} {self.process.said[-500:]} {told}") from None

    def entered(self, *kinds: str) -> list[str]:
        """How a command gets in."""
        assert self.process.running(), "the engine has ended"
        children = Path(f"/proc/{self.process.popen.pid}/task/{self.process.popen.pid}/children").read_text().split()
        return ["nsenter", "--target", children[0] if children else "0", *(f"--{kind}" for kind in kinds), "--"]

    def try_to(self, *command: object) -> subprocess.CompletedProcess[str]:
        inside = self.entered("mount", "net", "pid", "root", "wd")
        words = [*inside, "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", *command]
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)

    def execute(self, *command: object) -> str:
        """Its output, as root; an AssertionError with what it said when it fails."""
        done = self.try_to(*command)
        assert done.returncode == 0, f"{' '.join(map(str, command))}: {(done.stdout + done.stderr)[-4000:]}"
        return done.stdout

    def ask(self, url: str, *options: str) -> tuple[int, str]:
        """Status and body of an HTTP request from the machine that the engine is on."""
        command = [*self.entered("net"), "curl", "-sS", "-m", "20", "-w", "\n%{http_code}", *options, url]
        body, _, status = run(*command).rpartition("\n")
        return int(status), body

    def load(self, image: str) -> None:
        """An image that buildah has built."""
        archive = self.root / "root/image.tar"
        buildah("push", "--quiet", image, f"docker-archive:{archive}:{image}:latest")
        self.execute("docker", "load", "--quiet", "--input", "/root/image.tar")
        archive.unlink()

    def close(self) -> None:
        if self.process.running():
            containers = self.try_to("docker", "ps", "--quiet").stdout.split()
            if containers:
                self.try_to("docker", "kill", *containers)
            self.process.kill()
        for group in sorted(Path("/sys/fs/cgroup").glob(f"**/{self.group}/**/"), reverse=True):
            group.rmdir()
