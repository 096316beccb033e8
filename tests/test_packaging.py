"""The built wheel alone, in an empty environment, does the whole job."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT]
    subprocess.run(command, check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_rules_without_their_pages_and_the_type_marker(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    packaged = {name.removeprefix("msds_audit/rules/") for name in names if "/rules/" in name}
    written = {
        file.relative_to(ROOT / "rules").as_posix()
        for file in (ROOT / "rules").rglob("*")
        if file.is_file() and file.parent.name not in ("pages", "schema")
    }
    assert packaged == written
    assert "msds_audit/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "fixtures/"))]


@pytest.mark.slow
def test_the_wheel_alone_audits_an_extract_in_an_empty_environment(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    bin_folder = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = bin_folder / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    arguments = ["check", ROOT / "fixtures" / "south-west-london", "--format", "csv"]
    finished = subprocess.run(
        [bin_folder / "msds-audit", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1, finished.stderr
    assert (
        "RAX,Kingston and Richmond NHS Foundation Trust,2026-08,ethnicity,ETH-01" in finished.stdout
    )
    subprocess.run(
        [python, "-m", "msds_audit", "check", ROOT / "fixtures" / "clean", "-q"], check=True
    )


@pytest.mark.slow
def test_the_whole_installation_is_under_300_megabytes(wheel, tmp_path):
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", tmp_path, wheel]
    subprocess.run(command, check=True)
    size = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
    assert size < 300_000_000, f"{size:,} bytes"
