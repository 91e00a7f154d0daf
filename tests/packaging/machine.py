"""A Debian 12 with systemd, booted in a container of its own: where the package is installed as on a real machine.

It has its own processes, mounts and control groups; its network is ours, for the world that is recorded is on this
loopback. Nothing of it outlives close().
"""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from pathlib import Path

import debian
from debian import KEPT, Missing, need, run
from image import mount
from program import Process, wait_until

PACKAGES = "systemd systemd-sysv"
# systemd wants control groups of the second version that it may arrange; these become its own namespace's root.
BOOT = (
    "umount -l /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && mkdir /sys/fs/cgroup/$3 && "
    'echo $$ >/sys/fs/cgroup/$3/cgroup.procs && exec crun --root "$1" --cgroup-manager=disabled run --bundle "$2" "$3"'
)
FORGET = (
    "umount -l /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && "
    'find "/sys/fs/cgroup/$1" -depth -type d -exec rmdir {} + 2>/dev/null'
)
# What systemd needs to confine services, as far as the one that starts it has it.
CAPABILITIES = (
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_ADMIN"),
    *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_CHROOT", "SYS_NICE"),
    "SYS_PTRACE",
)


def prepared() -> Path:
    """A tar file of our Debian with systemd."""
    tar, base = KEPT / "machine.tar", debian.base()
    if tar.exists() and tar.stat().st_mtime > base.stat().st_mtime:
        return tar
    root = KEPT / "machine.new"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    run("tar", "-C", root, "-xf", base)
    install = f"apt-get -q update && apt-get -qy --no-install-recommends install {PACKAGES} && apt-get clean"
    run("chroot", root, "sh", "-c", f"DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; {install}")
    run("tar", "-C", root, "-cf", tar, ".")
    shutil.rmtree(root)
    return tar


class Machine:
    def __init__(self, folder: Path):
        need("crun", "unshare")
        self.id = f"machine-{uuid.uuid4().hex[:12]}"
        self.root, self.state, self.bundle = folder / "root", folder / "crun", folder / "bundle"
        for made in (self.root, self.bundle, KEPT / "archives" / "partial"):
            made.mkdir(parents=True, exist_ok=True)
        run("tar", "-C", self.root, "-xf", prepared())
        (self.bundle / "config.json").write_text(json.dumps(self.specification()))
        command = ["unshare", "--mount", "sh", "-c", BOOT, "sh", self.state, self.bundle, self.id]
        self.process = Process(command, folder / "logs")
        try:
            wait_until(self.booted, timeout=60, what="the boot")
        except TimeoutError:
            self.close()
            raise Missing(f"systemd does not boot in a container here: {self.process.said[-500:]}") from None

    def specification(self) -> dict[str, object]:
        capabilities = [f"CAP_{name}" for name in CAPABILITIES]
        return {
            "ociVersion": "1.0.0",
            "process": {
                "terminal": False,
                "user": {"uid": 0, "gid": 0},
                "args": ["/lib/systemd/systemd"],
                "env": ["container=oci", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
                "cwd": "/",
                "capabilities": {kind: capabilities for kind in ("bounding", "effective", "permitted")},
            },
            "root": {"path": str(self.root), "readonly": False},
            "mounts": [
                mount("proc", "/proc", "proc"),
                mount("tmpfs", "/dev", "tmpfs", "nosuid", "mode=755"),
                mount("devpts", "/dev/pts", "devpts", "newinstance", "ptmxmode=0666"),
                mount("sysfs", "/sys", "sysfs", "nosuid", "noexec", "ro"),
                mount("cgroup2", "/sys/fs/cgroup", "cgroup", "rw"),
                mount("tmpfs", "/run", "tmpfs", "mode=755"),
                mount("tmpfs", "/tmp", "tmpfs", "mode=1777"),
                # Packages that were fetched once are kept for the next machine.
                mount("bind", "/var/cache/apt/archives", KEPT / "archives", "rbind", "rw"),
            ],
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "cgroup")]},
        }

    def booted(self) -> bool:
        return self.try_to("systemctl", "is-system-running").stdout.strip() in {"running", "degraded"}

    def try_to(self, *command: object) -> subprocess.CompletedProcess[str]:
        crun = ["crun", "--root", self.state, "--cgroup-manager=disabled", "exec", self.id]
        words = [*crun, "env", "DEBIAN_FRONTEND=noninteractive", *command]
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)

    def execute(self, *command: object) -> str:
        """Its output, as root; an AssertionError with what it said when it fails."""
        done = self.try_to(*command)
        assert done.returncode == 0, f"{' '.join(map(str, command))}: {(done.stdout + done.stderr)[-4000:]}"
        return done.stdout

    def property(self, unit: str, name: str) -> str:
        return self.execute("systemctl", "show", "--property", name, "--value", unit).strip()

    def put(self, path: str, text: str) -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def install(self, package: Path) -> None:
        shutil.copy(package, self.root / "root" / package.name)
        self.execute("apt-get", "-qy", "install", f"/root/{package.name}")

    def close(self) -> None:
        delete = ["crun", "--root", str(self.state), "--cgroup-manager=disabled", "delete", "--force", self.id]
        subprocess.run(delete, capture_output=True, check=False)
        self.process.wait(20)
        subprocess.run(["unshare", "--mount", "sh", "-c", FORGET, "sh", self.id], check=False)
