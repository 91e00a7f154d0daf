"""ECS's RunTask as a local process: the program given stands in for the container's image, and gets the container's
command and environment and the task's role. Each change of a task's state is an event.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend, Task

from . import corrections, events
from .events import Events
from .roles import CredentialEndpoint

STOP_TIMEOUT = 30  # s, Fargate's own


@dataclass
class Image:
    """What runs instead of one."""

    program: str
    environment: dict[str, str]


class Running:
    """One task. `end` kills nothing by itself: it only remembers and tells what happened."""

    def __init__(self, task: Any, process: subprocess.Popen, stop_timeout: int):
        self.task, self.process, self.stop_timeout = task, process, stop_timeout

    def stop(self, reason: str) -> None:
        self.task.stopped_reason = reason
        self.task.desired_status = "STOPPED"
        self.process.terminate()
        threading.Thread(target=self.kill_late, daemon=True).start()

    def kill_late(self) -> None:
        try:
            self.process.wait(self.stop_timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Tasks:
    def __init__(self, image: Image, credentials: CredentialEndpoint, happenings: Events, folder: Path):
        self.image, self.credentials, self.events, self.folder = image, credentials, happenings, folder
        self.running: dict[str, Running] = {}
        self.closing = False

    def serve_run_task(self) -> None:
        """Lets moto's RunTask and StopTask do something."""
        tasks = self
        run = EC2ContainerServiceBackend.run_task
        stop = EC2ContainerServiceBackend.stop_task
        # moto moves a task on with each look; ours has the status that its process has.
        Task.status = property(lambda task: task.__dict__["_status"], lambda task, s: task.__dict__.update(_status=s))

        def run_task(backend: Any, *arguments: Any, **options: Any) -> list[Any]:
            made = run(backend, *arguments, **options)
            for task in made:
                tasks.start(backend, task)
            return made

        def stop_task(backend: Any, cluster: str, task: str, reason: str) -> Any:
            found = next((one for arn, one in tasks.running.items() if arn.endswith(task.rsplit("/", 1)[-1])), None)
            if not found:
                return stop(backend, cluster, task, reason)
            found.stop(reason or "stopped by a user")
            return found.task

        EC2ContainerServiceBackend.run_task = run_task
        EC2ContainerServiceBackend.stop_task = stop_task

    def start(self, backend: Any, task: Any) -> None:
        definition = backend.describe_task_definition(task.task_definition_arn)
        container = definition.container_definitions[0]
        command = [self.image.program, *(container.get("command") or ["recorder"])]
        try:
            process = self.run(command, task, self.environment(task, definition, container))
        except OSError as error:  # as an image that cannot be pulled: RunTask has succeeded all the same
            self.end(task, f"CannotStartContainerError: {error}")
            return
        running = Running(task, process, int(container.get("stopTimeout") or STOP_TIMEOUT))
        self.running[task.task_arn] = running
        task.started_at = time.time()
        self.tell(task, "RUNNING")
        threading.Thread(target=self.watch, args=(running,), daemon=True).start()

    def run(self, command: list[str], task: Any, environment: dict[str, str]) -> subprocess.Popen:
        with open(self.folder / f"task-{task.id}.log", "wb") as log:
            return subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )

    def environment(self, task: Any, definition: Any, container: dict[str, Any]) -> dict[str, str]:
        overrides = (task.overrides or {}).get("containerOverrides", [])
        given = [*(container.get("environment") or [])]
        for override in overrides:
            given += override.get("environment", []) if override.get("name") == container["name"] else []
        role = definition.task_role_arn
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "AWS_REGION": task.region_name,
            "AWS_ENDPOINT_URL": self.credentials.address,
            **(self.credentials.environment(role, task.id) if role else {}),
            **{variable["name"]: variable["value"] for variable in given},
            **self.image.environment,
        }

    def watch(self, running: Running) -> None:
        status = running.process.wait()
        task = running.task
        with corrections.lock:
            task.containers[0].exitCode = status if status >= 0 else 128 - status
            self.running.pop(task.task_arn, None)
            self.end(task, "Essential container in task exited")

    def end(self, task: Any, reason: str) -> None:
        task.stopped_reason = task.stopped_reason or reason
        task.desired_status = "STOPPED"
        if not self.closing:
            self.tell(task, "STOPPED")

    def tell(self, task: Any, status: str) -> None:
        task.status = status
        detail = {
            "clusterArn": task.cluster_arn,
            "taskArn": task.task_arn,
            "taskDefinitionArn": task.task_definition_arn,
            "startedBy": task.started_by,
            "lastStatus": status,
            "desiredStatus": task.desired_status,
            "stoppedReason": task.stopped_reason,
            "overrides": task.overrides,
            "launchType": task.launch_type,
        }
        kind = "ECS Task State Change"
        try:
            self.events.publish(events.event(task.region_name, "aws.ecs", kind, detail, [task.task_arn]))
        except Exception as error:  # no rule may keep a task from running
            print(f"tasks: {type(error).__name__}: {error}", file=sys.stderr)

    def listed(self) -> list[dict[str, Any]]:
        """Of the tasks that run: for tests, which may kill one as a failing machine would."""
        return [
            {"task": arn, "job": running.task.started_by, "pid": running.process.pid}
            for arn, running in list(self.running.items())
        ]

    def close(self) -> None:
        self.closing = True
        for running in list(self.running.values()):
            with contextlib.suppress(ProcessLookupError):
                running.process.send_signal(signal.SIGKILL)
            running.process.wait()
