"""The house under test: a data folder, a database, web servers and workers as real processes, all on loopback."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Postgres:
    """A cluster of Debian's PostgreSQL that syncs to disk as in production, on a Unix socket of its own folder."""

    home: Path
    pattern: Path | None = None
    as_server: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.home / "pg").mkdir()
        if os.geteuid() == 0:
            self.as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", "--"]
            self.home.chmod(0o711)
            subprocess.run(["chown", "postgres:", self.home / "pg"], check=True)
        if self.pattern is not None:
            subprocess.run(["cp", "-a", self.pattern / "pg" / "data", self.data], check=True)
        else:
            self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    @property
    def data(self) -> str:
        """The folder of the cluster."""
        return str(self.home / "pg" / "data")

    @property
    def url(self) -> str:
        """DATABASE_URL."""
        return f"postgres://postgres@{str(self.home / 'pg').replace('/', '%2F')}/postgres"

    def _run(self, program: str, *args: str) -> None:
        subprocess.run(
            [*self.as_server, str(PROGRAMS / program), *args], check=True, capture_output=True, cwd="/", timeout=90
        )

    def start(self) -> None:
        """Start the server; after a kill it recovers from its log first."""
        # Left behind by a kill; no process of it lives any more. (Where init is slow to bury the dead, PostgreSQL
        # takes the number in them for a living server and refuses to start.)
        for lock in (Path(self.data) / "postmaster.pid", self.home / "pg" / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.home / 'pg'}' -c max_connections=80"
        log = str(self.home / "pg" / "server.log")
        args = ["-D", self.data, "-l", log, "-w", "-t", "60", "-s", "start", "-o", options]
        subprocess.run(
            [*self.as_server, str(PROGRAMS / "pg_ctl"), *args], check=True, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=90,
        )  # fmt: skip

    def stop(self) -> None:
        """Stop the server as its keeper would."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    def processes(self) -> list[int]:
        """The postmaster and its children. The postmaster is held meanwhile, so that none is born unseen."""
        postmaster = int((Path(self.data) / "postmaster.pid").read_text().split()[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(postmaster, signal.SIGSTOP)
        return [postmaster, *children(postmaster)]

    def signal(self, number: signal.Signals) -> list[int]:
        """Send a signal to every process of the server; gives them."""
        processes = self.processes()
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        return processes

    def lives(self) -> bool:
        """Whether the postmaster is there."""
        postmaster = int((Path(self.data) / "postmaster.pid").read_text().split()[0])
        return alive(postmaster)

    def kill(self) -> None:
        """SIGKILL to all of them: as if the machine's power had gone, but for the disk's cache."""
        processes = self.signal(signal.SIGKILL)
        wait_until(lambda: not any(alive(process) for process in processes), 20)


@dataclass
class House:
    """One installation with its processes."""

    database: str
    home: Path
    postgres: Postgres | None = None
    env: dict[str, str] = field(default_factory=dict, repr=False)
    port: int = 0
    server: subprocess.Popen[bytes] | None = None
    server_kind: str = ""
    app: str = "config.wsgi"
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        """DATA_DIR."""
        return self.home / "data"

    def manage(self, *args: str) -> str:
        """Run a management command of the house."""
        done = subprocess.run(
            [PYTHON, "manage.py", *args], env=self.env, check=True, capture_output=True, text=True, cwd=ROOT, timeout=240
        )  # fmt: skip
        return done.stdout

    def serve(self, kind: str, *, processes: int = 2, threads: int = 8, port: int = 0, **extra: str) -> None:
        """Start a web server (gunicorn or waitress) and wait until it answers."""
        self.port, self.server_kind = port or free_port(), kind
        gunicorn = [
            "gunicorn", self.app, "--bind", f"127.0.0.1:{self.port}", "--workers", str(processes), "--threads",
            str(threads), "--timeout", "60", "--preload", "--error-logfile", "-",
        ]  # fmt: skip
        waitress = [
            "waitress", f"--listen=127.0.0.1:{self.port}", "--threads=8", "--connection-limit=400",
            "--channel-timeout=30", f"{self.app}:application",
        ]  # fmt: skip
        command = [PYTHON, "-m", *(gunicorn if kind == "gunicorn" else waitress)]
        with (self.home / "server.log").open("ab") as log:
            self.server = subprocess.Popen(command, env={**self.env, **extra}, cwd=ROOT, stdout=log, stderr=log)
        wait_until(self.answers, 60)

    def answers(self) -> bool:
        """Whether the health page says 200."""
        return self.health() == 200

    def health(self) -> int:
        """The status of the health page; 0 where nobody answers."""
        try:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", "/health/")
            status = connection.getresponse().status
            connection.close()
        except OSError:
            return 0
        return status

    def web_workers(self) -> list[int]:
        """The processes that answer requests."""
        assert self.server is not None
        return children(self.server.pid) if self.server_kind == "gunicorn" else [self.server.pid]

    def work(self, number: int = 1, **extra: str) -> None:
        """Start workers of the outbox."""
        for _ in range(number):
            with (self.home / "worker.log").open("ab") as log:
                command = [PYTHON, "manage.py", "work", "--poll", "0.2"]
                self.workers.append(
                    subprocess.Popen(command, env={**self.env, **extra}, cwd=ROOT, stdout=log, stderr=log)
                )

    def stop_serving(self) -> None:
        """Stop web server and workers."""
        for process in [self.server, *self.workers]:
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(20)
        self.server, self.workers = None, []

    def tear_down(self) -> None:
        """Stop everything, the database too."""
        self.stop_serving()
        if self.postgres is not None and (Path(self.postgres.data) / "postmaster.pid").exists():
            with contextlib.suppress(FileNotFoundError):
                self.postgres.signal(signal.SIGCONT)
                self.postgres.kill()


@contextlib.contextmanager
def house(database: str, folder: Path | None = None, pattern: Path | None = None) -> Iterator[House]:
    """An installation in a folder of its own, removed afterwards: empty, or as the one in the folder `pattern` was left."""
    with tempfile.TemporaryDirectory(prefix="offices-faults-", dir=folder, ignore_cleanup_errors=True) as name:
        place = House(database, Path(name))
        if pattern is not None:
            subprocess.run(["cp", "-a", pattern / "data", place.data_dir], check=True)
        else:
            place.data_dir.mkdir()
            (place.data_dir / "static").symlink_to(ROOT / "data" / "static")
        url = f"sqlite:///{place.data_dir / 'db.sqlite3'}"
        if database == "postgresql":
            place.postgres = Postgres(place.home, pattern)
            place.postgres.start()
            url = place.postgres.url
        place.env = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(place.data_dir), "DEMO": "", "TMPDIR": name}
        try:
            yield place
        finally:
            place.tear_down()


@contextlib.contextmanager
def furnished(database: str) -> Iterator[Path]:
    """A folder with an installation that has its tables and the law, for houses to be made after."""
    with house(database) as place:
        place.manage("migrate", "-v0")
        place.manage("load_law")
        if place.postgres is not None:
            place.postgres.stop()
        yield place.home


def children(parent: int) -> list[int]:
    """The living children of a process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(int(status.parent.name))
    return found


def alive(process: int) -> bool:
    """Whether a process lives (and is no zombie)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait until `condition()` holds; gives the seconds it took. TimeoutError otherwise."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not after {seconds} s")
        time.sleep(0.05)
    return time.monotonic() - began
