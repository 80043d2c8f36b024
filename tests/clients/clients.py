"""ONVIF clients written by others: installs each into an environment of its own, and runs its driver.

    python tests/clients/clients.py install [NAME...]
    python tests/clients/clients.py list

Each lives in `.clients/NAME` at the root of the repository, whose `installed.json` holds the command that runs it
(to which HOST PORT USER are appended), the one that searches the network by WS-Discovery (to which the name of an
interface is appended; its output names the addresses it found) and the environment that they need. The password
is passed in ONVIF_PASSWORD. A driver prints one JSON line and exits 0 only when it could add the device.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1] / ".clients"
MARKER = "installed.json"
TIMEOUT = 600

_PERL = (
    "libsoap-wsdl-perl",
    "libclass-std-fast-perl",
    "libio-socket-multicast-perl",
    "libdata-dump-perl",
    "libxml-libxml-perl",
    "libdata-uuid-perl",
    "libio-interface-perl",
)


class Absent(Exception):
    """A client cannot be installed here; the text says why."""


@dataclass(frozen=True)
class Installed:
    """How an installed client's driver is run."""

    name: str
    command: list[str]
    find: list[str]
    environment: dict[str, str]
    alone: list[str] = field(default_factory=list)
    """The driver's command where the client takes devices at port 80 only, each at an address of its own."""

    @property
    def whole(self) -> bool:
        """Whether all files that it names are there: a checkout that is moved leaves its clients behind."""
        places = [place for value in self.environment.values() for place in value.split(":")]
        named = map(Path, [*self.command, *self.find, *self.alone, *places])
        return all(path.exists() for path in named if path.is_absolute())

    def run(
        self, host: str, port: int, user: str, password: str, *more: str
    ) -> subprocess.CompletedProcess[str]:
        """Let the driver add the device at `host` and `port`; it ends within a minute."""
        return self.start([*(self.command or self.alone), host, str(port), user], ONVIF_PASSWORD=password)

    def start(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `command` with what this client needs in its environment."""
        return subprocess.run(
            command,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _do(command: list[str], cwd: Path) -> str:
    if shutil.which(command[0]) is None:
        raise Absent(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        raise Absent(f"{' '.join(command[:3])} failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


Recipe = Callable[[Path], Installed]


def _python(requirement: str, module: str, driver: str, finder: str = "") -> Recipe:
    def install(folder: Path) -> Installed:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--ignore-installed"]
        _do([*command, "--prefix", str(folder), requirement], folder)
        packages = next(path.parents[1] for path in folder.glob(f"**/*-packages/{module}/__init__.py"))
        # -S keeps the packages of the running environment out.
        python = [sys.executable, "-S", "-P"]
        return Installed(
            folder.name,
            [*python, str(HERE / driver)] if driver else [],
            [*python, str(HERE / finder)] if finder else [],
            {"PYTHONPATH": str(packages)},
        )

    return install


def _stand_in(requirement: str) -> Recipe:
    """A camera's stand-in, on the packages of the running environment: it needs numpy and OpenCV, which that has."""

    def install(folder: Path) -> Installed:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        _do([*command, "--target", str(folder), requirement], folder)
        return Installed(folder.name, [], [], {"PYTHONPATH": str(folder)})

    return install


def _node(requirement: str, driver: str, finder: str = "") -> Recipe:
    def install(folder: Path) -> Installed:
        flags = ["--no-audit", "--no-fund", "--ignore-scripts"]
        _do(["npm", "install", "--prefix", str(folder), requirement, *flags], folder)
        return Installed(
            folder.name,
            ["node", str(HERE / driver)],
            ["node", str(HERE / finder)] if finder else [],
            {"NODE_PATH": str(folder / "node_modules")},
        )

    return install


def _zoneminder(folder: Path) -> Installed:
    """ZoneMinder's probe and the Perl modules that this host lacks, unpacked and not installed."""
    _unpacked(folder, "zoneminder", *_planned(folder, *_PERL))
    modules = [folder / "usr/share/perl5", *(folder / "usr/lib").glob("*/perl5/*")]
    script = str(folder / "usr/bin/zmonvif-probe.pl")
    return Installed(
        folder.name,
        ["sh", str(HERE / "drive_zoneminder.sh"), script],
        ["perl", script, "probe", "1.2"],
        {"PERL5LIB": ":".join(map(str, modules))},
    )


def _planned(folder: Path, *packages: str) -> list[str]:
    """`packages` and what else of Debian they need and this host lacks."""
    simulate = ["apt-get", "install", "--simulate", "--no-install-recommends", *packages]
    try:
        plan = _do(simulate, folder)
    except Absent:
        # A fresh machine has no list of packages yet.
        _do(["apt-get", "update"], folder)
        plan = _do(simulate, folder)
    return [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]


def _unpacked(folder: Path, *packages: str) -> None:
    """Debian packages, unpacked into `folder` and not installed."""
    store = folder / "packages"
    store.mkdir()
    _do(["apt-get", "download", *packages], store)
    for package in store.glob("*.deb"):
        _do(["dpkg", "--extract", str(package), str(folder)], folder)
    shutil.rmtree(store)


def _libonvif(folder: Path) -> Installed:
    """libonvif's onvif-util, without the desktop program that its package holds too."""
    _unpacked(folder, "onvif-tools", *_planned(folder, "libonvif1"))
    libraries = ":".join(str(path) for path in (folder / "usr/lib").glob("*-linux-gnu*"))
    util = str(folder / "usr/bin/onvif-util")
    return Installed(
        folder.name,
        [],
        [],
        {"LD_LIBRARY_PATH": libraries},
        [sys.executable, str(HERE / "drive_libonvif.py"), util],
    )


def _command(requirement: str, module: str, driver: str, *, alone: bool = False) -> Recipe:
    """A client that is a command of its own."""

    def install(folder: Path) -> Installed:
        made = _python(requirement, module, driver)(folder)
        environment = {**made.environment, "CLIENT_BIN": str(folder / "bin")}
        return Installed(
            made.name, [] if alone else made.command, [], environment, made.command if alone else []
        )

    return install


def _suite(folder: Path) -> Installed:
    """The package onvif with its own tests, which its publisher ships, and what they run on."""
    packages = ["onvif@0.6.2", "mocha@10.8.2", "coffeescript@1.12.7", "dot@1.1.3"]
    _do(
        ["npm", "install", "--prefix", str(folder), *packages, "--no-audit", "--no-fund", "--ignore-scripts"],
        folder,
    )
    return Installed(folder.name, [], [], {"NODE_PATH": str(folder / "node_modules")})


CLIENTS: Mapping[str, Recipe] = {
    "onvif-zeep-async": _python("onvif-zeep-async==4.3.0", "onvif", "drive_onvif_zeep_async.py"),
    "onvif-zeep": _python("onvif-zeep==0.2.12", "onvif", "drive_onvif_zeep.py"),
    "npm-onvif": _node("onvif@0.8.3", "drive_onvif.js", "find_onvif.js"),
    "zoneminder": _zoneminder,
    "node-onvif": _node("node-onvif@0.1.7", "drive_node_onvif.js"),
    "onveef": _python("onveef==0.6.0", "onveef", "drive_onveef.py"),
    "onvif-python": _command("onvif-python==0.4.7", "onvif", "drive_onvif_python.py"),
    "brainframe": _command(
        "brainframe-onvif-tools==0.5.8", "brainframe_onvif_tools", "drive_brainframe.py", alone=True
    ),
    "onvif-util": _libonvif,
    "onvif-mocha": _suite,
    "ipycam": _stand_in("ipycam==1.3.0"),
    "wsdiscovery": _python("WSDiscovery==2.1.2", "wsdiscovery", "", "find_wsdiscovery.py"),
}
"""The clients by name."""


def _read(name: str) -> Installed | None:
    try:
        found = json.loads((ROOT / name / MARKER).read_text(encoding="utf-8"))
    except OSError:
        return None
    ready = Installed(name, found["command"], found["find"], found["environment"], found.get("alone", []))
    return ready if ready.whole else None


def install(name: str) -> Installed:
    """The client `name`, installed on the first call. Raises Absent when it cannot be."""
    ready = _read(name)
    if ready is not None:
        return ready
    folder = ROOT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = CLIENTS[name](folder)
    (folder / MARKER).write_text(json.dumps(asdict(made), indent=2) + "\n", encoding="utf-8")
    return made


def installed() -> list[Installed]:
    """The clients that are installed and can add a device; not the searchers and stand-ins."""
    return [ready for name in CLIENTS if (ready := _read(name)) is not None and ready.command]


def main(arguments: list[str]) -> int:
    """The command line."""
    if arguments[:1] == ["list"]:
        sys.stdout.writelines(f"{client.name}\n" for client in installed())
        return 0
    if arguments[:1] != ["install"] or not set(arguments[1:]) <= set(CLIENTS):
        sys.stderr.write(__doc__ or "")
        return 2
    failed = 0
    for name in arguments[1:] or CLIENTS:
        try:
            install(name)
        except Absent as error:
            failed = 1
            sys.stderr.write(f"{name}: {error}\n")
        else:
            sys.stdout.write(f"{name}: installed\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
