"""What a user installs: the wheel, built from the unpacked sdist, in an environment that knows no checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCE_ROOTS = ("schemas", "connectors", "services")

IMPORT_ALL = """
import importlib, pkgutil, sys
import tierlink
assert not hasattr(tierlink, "__file__") or tierlink.__file__ is None, "the namespace itself is no package"
names = sorted(found.name for found in pkgutil.walk_packages(tierlink.__path__, "tierlink."))
for name in names:
    importlib.import_module(name)
    assert sys.modules[name].__file__.startswith(sys.prefix), f"{name} comes from elsewhere"
print(*names, sep="\\n")
"""


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    build(ROOT, "--sdist", folder)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build(sdist, "--wheel", folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as packed:
        return {name for name in packed.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; libraries are lent from ours, whose tierlink stays out of sight."""
    folder = tmp_path_factory.mktemp("environment")
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    program = folder / "bin" / "python"
    run([sys.executable, "-m", "pip", "--quiet", "--python", str(program), "install", "--no-deps",
         "--no-index", "--disable-pip-version-check", str(wheel)])  # fmt: skip
    own = Path(run([str(program), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]))
    (own / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return program


def build(source: Path, what: str, into: Path) -> None:
    run([sys.executable, "-m", "build", what, "--no-isolation", "--outdir", str(into), str(source)])


def run(command: Sequence[str], folder: Path = Path("/")) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def source_files() -> set[str]:
    """All that is below the namespace in the checkout, as the wheel should name it."""
    return {
        path.relative_to(ROOT / root).as_posix()
        for root in SOURCE_ROOTS
        for path in (ROOT / root / "tierlink").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_source_and_nothing_else(contents: set[str]) -> None:
    info = {name for name in contents if ".dist-info/" in name}
    assert contents - info == source_files()


@pytest.mark.parametrize(
    "pattern",
    [
        "tierlink/schemas/json_schema/asyncapi.json",
        "tierlink/schemas/json_schema/org.tierlink.goods.received.v1.json",
        "tierlink/demo/samples/suppliers/100234/送货台账.xlsx",
        "tierlink/demo/samples/carrier/status.csv",
        "tierlink/api/pages/templates/base.html",
        "tierlink/api/static/tierlink.css",
    ],
)
def test_data_that_programs_read_is_in_the_wheel(contents: set[str], pattern: str) -> None:
    assert any(name.startswith(pattern) for name in contents)


def test_the_namespace_belongs_to_nobody(contents: set[str]) -> None:
    assert "tierlink/__init__.py" not in contents
    for root in SOURCE_ROOTS:
        assert not (ROOT / root / "tierlink" / "__init__.py").exists()
    packages = {name.split("/")[1] for name in contents if name.startswith("tierlink/")}
    assert {f"tierlink/{package}/__init__.py" for package in packages} <= contents


def test_no_test_travels(contents: set[str]) -> None:
    assert not [
        name for name in contents if "test" in name.rpartition("/")[2] or "conftest" in name
    ]
    assert {name.split("/")[0] for name in contents if ".dist-info/" not in name} == {"tierlink"}


def test_the_licence_and_the_version_travel(contents: set[str], wheel: Path) -> None:
    version = PROJECT["project"]["version"]
    assert wheel.name == f"tierlink-{version}-py3-none-any.whl"
    assert f"tierlink-{version}.dist-info/licenses/LICENSE" in contents


def test_the_sdist_has_what_is_needed_to_check_it_and_no_rubbish(sdist: Path) -> None:
    top = {path.name for path in sdist.iterdir()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "constraints.txt",
        "tests",
        *SOURCE_ROOTS,
    } <= top
    assert not top & {".git", ".venv", ".hypothesis", "tierlink-data", "dist"}


def test_every_module_can_be_imported(python: Path) -> None:
    imported = set(run([str(python), "-I", "-c", IMPORT_ALL]).splitlines())
    modules = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in source_files()
        if name.endswith(".py")
    }
    assert imported == modules


def test_the_command_is_installed_and_helps(python: Path) -> None:
    program = str(python.with_name("tierlink"))
    said = run([program, "--help"])
    for command in (
        "demo",
        "up",
        "connector",
        "worker",
        "project",
        "api",
        "topics",
        "kpi",
        "doctor",
    ):
        assert command in said
    assert "--once" in run([program, "connector", "run", "--help"])


def test_the_installed_files_are_found_by_the_program(python: Path, tmp_path: Path) -> None:
    """The schemas check themselves against the installed files."""
    run([str(python), "-I", "-m", "tierlink.schemas.generate", "--check"], tmp_path)
