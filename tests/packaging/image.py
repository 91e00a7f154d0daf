"""The image, built from docker/Dockerfile without a Docker engine, and containers of it.

buildah builds over our own Debian, which is tagged as the base image's name; the program and the dashboard come from
the build tree by --build-context, unless the whole is asked for. crun, an OCI runtime, runs containers as ECS would: as
the image's user, under a read-only root, without a capability, without a way to new privileges.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import uuid
from pathlib import Path
from typing import Any

import debian
from debian import KEPT, ROOT, Missing, need, run
from program import Process, find_program

BASE = "docker.io/library/debian:bookworm-slim"
MOST_IMAGES, LEAST_FREE = 200, 4 << 30  # every step is an image; bytes
# buildah's own defaults want an engine's set-up; overlay is the kernel's, vfs copies every layer whole.
ENVIRONMENT = os.environ | {"BUILDAH_ISOLATION": "chroot"}
# crun refuses machines that mount cgroups of both versions; in a mount namespace of its own it gets the second alone.
RUN = (
    "umount -l /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && "
    'exec crun --root "$1" --cgroup-manager=disabled run --bundle "$2" "$3"'
)


def buildah(*arguments: object) -> str:
    overlay = "overlay" in Path("/proc/filesystems").read_text()
    storage = ["--root", KEPT / "storage", "--runroot", KEPT / "storage-run"]
    driver = ["--storage-driver", "overlay" if overlay else "vfs"]
    return run("buildah", *storage, *driver, *arguments, env=ENVIRONMENT)


def built_program() -> list[object]:
    """Stands in for the stage that compiles the program: what it would have made, from what is built already."""
    program = KEPT / "program/out/usr/bin/aircheck"
    program.parent.mkdir(parents=True, exist_ok=True)
    run("install", "--strip", find_program(), program)
    return ["--build-context", f"program={KEPT / 'program'}"]


def built_dashboard() -> list[object]:
    """The same of the dashboard; a page that says so where none was built."""
    web = KEPT / "web/out/usr/share/aircheck/web"
    shutil.rmtree(web, ignore_errors=True)
    exported = ROOT / "web" / "out"
    if (exported / "index.html").exists():
        shutil.copytree(exported, web)
    else:
        web.mkdir(parents=True)
        (web / "index.html").write_text("<title>no dashboard was built</title>")
    return ["--build-context", f"web={KEPT / 'web'}"]


def tidy() -> None:
    """Drops containers of runs that were cut off, and everything once it has grown too large: it is made anew."""
    buildah("rm", "--all")
    if shutil.disk_usage(KEPT).free < LEAST_FREE or len(buildah("images", "--all", "--quiet").split()) > MOST_IMAGES:
        buildah("rmi", "--all", "--force")
        for stamp in KEPT.glob("*.tagged"):
            stamp.unlink()


def tag_base(architecture: str) -> str:
    """FROM finds our Debian under the name that the Dockerfile speaks of; one of another architecture under another."""
    tar = debian.base(architecture)
    name = f"localhost/debian-{architecture}:latest" if architecture else BASE
    stamp = tar.with_suffix(".tagged")
    if stamp.exists() and stamp.stat().st_mtime > tar.stat().st_mtime and name in tagged():
        return name
    folder = KEPT / f"base{architecture}"
    folder.mkdir(exist_ok=True)
    (folder / "root.tar").unlink(missing_ok=True)
    os.link(tar, folder / "root.tar")
    (folder / "Dockerfile").write_text('FROM scratch\nADD root.tar /\nCMD ["bash"]\n')
    buildah("bud", "--quiet", *platform_of(architecture), "--tag", name, folder)
    stamp.touch()
    return name


def tagged() -> list[str]:
    return buildah("images", "--format", "{{.Name}}:{{.Tag}}").split()


def platform_of(architecture: str) -> list[str]:
    return ["--platform", f"linux/{architecture}"] if architecture else []


def build(tag: str, *options: object, architecture: str = "", wheels: Path | None = None) -> None:
    """`architecture`: this machine's unless another is named (arm64), which must then run here, with its own wheels."""
    need("buildah", "crun", "unshare")
    if not any(line.split()[4] == "/" for line in Path("/proc/self/mountinfo").read_text().splitlines()):
        raise Missing("/ is no mount point, as in a plain chroot: buildah cannot unpack a layer there")
    tidy()
    base = tag_base(architecture)
    pip = KEPT / "pip.conf"
    pip.write_text("[global]\nno-index = 1\nfind-links = /wheels\n")
    volumes = ["--volume", f"{wheels or debian.wheels()}:/wheels:ro", "--volume", f"{pip}:/etc/pip.conf:ro"]
    common = ["--quiet", "--network", "host", "--pull-never", "--format", "docker", "--tag", tag]
    other = [*platform_of(architecture), "--build-arg", f"BASE={base}"] if architecture else []
    buildah("bud", *common, *other, *volumes, *options, "--file", ROOT / "docker/Dockerfile", ROOT)


class Image:
    """An image that was built, and its root as a folder."""

    def __init__(self, tag: str):
        self.inspected = json.loads(buildah("inspect", "--type", "image", tag))
        self.config: dict[str, Any] = self.inspected["Docker"]["config"]
        self.layers: list[str] = self.inspected["Docker"]["rootfs"]["diff_ids"]
        self.container = buildah("from", "--pull-never", tag).strip()
        self.root = Path(buildah("mount", self.container).strip())

    def close(self) -> None:
        buildah("rm", self.container)

    def packed(self) -> list[int]:
        """Bytes of each layer as a registry would keep and send it."""
        folder = KEPT / "packed"
        shutil.rmtree(folder, ignore_errors=True)
        buildah("push", "--quiet", self.inspected["FromImageID"], f"oci:{folder}")

        def blob(digest: str) -> Any:
            return json.loads((folder / "blobs/sha256" / digest.removeprefix("sha256:")).read_text())

        index = json.loads((folder / "index.json").read_text())
        manifest = blob(index["manifests"][0]["digest"])
        return [layer["size"] for layer in manifest["layers"]]


class Container:
    """One run of the image. `data` and the mounts are folders and files of this machine."""

    def __init__(
        self,
        image: Image,
        folder: Path,
        *arguments: object,
        environment: dict[str, str] | None = None,
        mounts: dict[str, Path] | None = None,
        entrypoint: list[str] | None = None,
    ):
        self.id = f"aircheck-{uuid.uuid4().hex[:12]}"
        self.state = folder / "crun"
        bundle = folder / self.id
        bundle.mkdir(parents=True)
        command = [*(entrypoint or image.config["Entrypoint"]), *map(str, arguments or image.config["Cmd"])]
        variables = [*image.config["Env"], *(f"{name}={value}" for name, value in (environment or {}).items())]
        (bundle / "config.json").write_text(json.dumps(specification(image, command, variables, mounts or {})))
        self.process = Process(
            ["unshare", "--mount", "sh", "-c", RUN, "sh", self.state, bundle, self.id], folder / "logs"
        )

    def send(self, number: signal.Signals) -> None:
        """To the first process of the container, as `docker stop` and ECS do."""
        run("crun", "--root", self.state, "kill", self.id, number.name.removeprefix("SIG"))

    def execute(self, *command: object) -> subprocess.CompletedProcess[str]:
        """As the HEALTHCHECK is run: in the container, as its user."""
        words = ["crun", "--root", self.state, "--cgroup-manager=disabled", "exec", self.id, *command]
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)

    def close(self) -> None:
        delete = ["crun", "--root", str(self.state), "--cgroup-manager=disabled", "delete", "--force", self.id]
        subprocess.run(delete, capture_output=True, check=False)
        self.process.wait(10)


def mount(kind: str, destination: str, source: object, *options: str) -> dict[str, Any]:
    return {"type": kind, "destination": destination, "source": str(source), "options": list(options)}


def specification(image: Image, command: list[str], variables: list[str], mounts: dict[str, Path]) -> dict[str, Any]:
    uid, gid = map(int, image.config["User"].split(":"))
    binds = [mount("bind", inside, outside, "rbind", "rw", "nosuid") for inside, outside in mounts.items()]
    return {
        "ociVersion": "1.0.0",
        "process": {
            "terminal": False,
            "user": {"uid": uid, "gid": gid},
            "args": command,
            "env": variables,
            "cwd": image.config["WorkingDir"],
            "capabilities": {kind: [] for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")},
            "noNewPrivileges": True,
        },
        "root": {"path": str(image.root), "readonly": True},
        "mounts": [
            mount("proc", "/proc", "proc"),
            mount("tmpfs", "/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            mount("tmpfs", "/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"),
            *binds,
        ],
        # Its network is ours: the world that it records from is on this loopback.
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]},
    }


__all__ = ["Container", "Image", "Missing", "build", "built_dashboard", "built_program"]
