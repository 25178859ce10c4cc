"""The steps of deploy/Dockerfile, carried out in a folder where there is no engine to do it.

Knows what our own file uses: stages become one folder, what only root of an image can do is left out.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.server import PROJECT

_CONTINUED = re.compile(r"\\\n\s*")
#: Folders of the image that the code names; in the folder they lie below its root.
_FOLDERS = re.compile(r"(?<![\w.])(/opt/ipms|/var/lib/ipms)")


class Image:
    """What a build has made: a folder, an environment and a command."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root
        self.environment = {"PATH": f"{root / 'system'}:{os.environ.get('PATH', os.defpath)}"}
        # Where pip finds packages is the machine's matter.
        self.environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.command: list[str] = []
        self.user = "root"
        (root / "system").mkdir()
        (root / "system" / "python").symlink_to(sys.executable)

    def build(self, dockerfile: Path) -> None:
        """Carry out every instruction; raises `AssertionError` where one fails or is not known."""
        for name, rest in _instructions(dockerfile.read_text()):
            getattr(self, f"_{name.lower()}")(rest)

    def run(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start the entry point with a command, as a container would."""
        return subprocess.Popen(
            [*self._entry, *command],
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def place(self, path: str) -> Path:
        """Return where a folder of the image lies."""
        return self.root / path.lstrip("/") if path.startswith("/") else self.folder / path

    def _translated(self, text: str) -> str:
        return _FOLDERS.sub(lambda found: f"{self.root}{found[0]}", text)

    def _from(self, rest: str) -> None:
        self.folder = self.root

    def _workdir(self, rest: str) -> None:
        self.folder = self.place(rest)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _env(self, rest: str) -> None:
        for setting in shlex.split(rest):
            name, value = setting.split("=", 1)
            self.environment[name] = self._translated(value).replace("$PATH", self.environment["PATH"])

    def _copy(self, rest: str) -> None:
        *options, source, target = shlex.split(rest)
        if options:  # from another stage, which is this folder
            assert self.place(source).exists()
        elif source == ".":
            for file in copied_files():
                (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / file, self.folder / file)
        else:
            self.place(target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / source, self.place(target))

    def _run(self, rest: str) -> None:
        if rest.startswith("useradd"):
            self.place("/var/lib/ipms").mkdir(parents=True)
            return
        # Packages that this machine has downloaded before need not come again.
        command = self._translated(rest).replace(" --no-cache-dir", "")
        done = subprocess.run(
            ["sh", "-ec", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    def _user(self, rest: str) -> None:
        self.user = rest

    def _entrypoint(self, rest: str) -> None:
        self._entry = [word.strip('" ') for word in rest.strip("[]").split(",")]

    def _cmd(self, rest: str) -> None:
        self.command = [word.strip('" ') for word in rest.strip("[]").split(",")]

    def _nothing(self, rest: str) -> None:
        pass

    _volume = _expose = _healthcheck = _stopsignal = _nothing


def copied_files() -> Iterator[Path]:
    """Yield what `COPY . .` takes, as .dockerignore lets it."""
    patterns = [
        line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"
    ]
    kept = {pattern[1:].split("/")[0] for pattern in patterns if pattern.startswith("!")}
    for name in sorted(kept):
        top = PROJECT / name
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            relative = file.relative_to(PROJECT)
            if file.is_file() and not _is_ignored(relative, patterns):
                yield relative


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    """The last pattern that speaks of a path or of a folder above it decides."""
    steps = [path, *list(path.parents)[:-1]]
    verdict = False
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        anywhere = bare.removeprefix("**/")
        if any(
            fnmatch(step.name, anywhere) if bare.startswith("**/") else _matches(step, bare) for step in steps
        ):
            verdict = not pattern.startswith("!")
    return verdict


def _matches(step: Path, pattern: str) -> bool:
    return len(step.parts) == len(Path(pattern).parts) and fnmatch(str(step), pattern)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in _CONTINUED.sub(" ", lines).splitlines():
        if line.strip():
            name, rest = line.split(maxsplit=1)
            yield name, rest
