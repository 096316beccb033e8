"""Tests that a run that goes wrong, or is stopped, writes nothing by halves."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from every_command import RULE, state_of
from msds_audit import api
from msds_audit.cli import main
from msds_audit.conversion import Form
from msds_audit.errors import ExtractError, ReportError
from msds_audit.reports import writing
from msds_audit.reports.writing import append, whole_folder, write_new, write_together
from msds_audit.unfinished import is_unfinished, unfinished
from support import FIXTURES, quick_first

SMALL = FIXTURES / "missing-tables"
NO_AUDIT = "No audit was performed."
OUTPUTS = (
    f'extracts = ["{SMALL.as_posix()}"]\n'
    + '[[output]]\nfile = "out/one.json"\n[[output]]\nfile = "out/two.csv"\n'
)
WRITERS = {
    "check": ("check", SMALL, "--out", "out/card.json"),
    "check dq-csv": ("check", SMALL, "--format", "dq-csv", "--out", "out/dq.csv"),
    "check measures-csv": ("check", SMALL, "--format", "measures-csv", "--out", "out/m.csv"),
    "check data-csv": ("check", SMALL, "--format", "data-csv", "--out", "out/data.csv"),
    "check output": ("check", "--config", "msds-audit.toml"),
    "vodim": ("vodim", SMALL, "--no-config", "--out", "out/vodim.txt"),
    "compare": ("compare", SMALL, SMALL, "--no-config", "--out", "out/compare.md"),
    "fix-list xlsx": ("fix-list", SMALL, "--out", "out/list.xlsx", "--force"),
    "fix-list csv": ("fix-list", SMALL, "--out", "out/list.csv", "--force"),
    "convert csv": ("convert", SMALL, "out/csv"),
    "convert parquet": ("convert", SMALL, "out/parquet", "--to", "parquet"),
    "sample": ("sample", "out/sample", "--story", "empty-tables"),
    "rules new": ("rules", "new", "OURS-9", "out/rules", "--table", "MSD101"),
    "rules docs": ("rules", "docs", "out/own"),
}
"""Every command that writes, in a folder that has `out` and a configuration."""


def full(patch):
    """A disk on which a file can be begun and not ended."""

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    patch.setattr(os, "fsync", fail)
    patch.setattr(pl.LazyFrame, "sink_csv", fail)
    patch.setattr(pl.LazyFrame, "sink_parquet", fail)
    patch.setattr("msds_audit.sample.csv.writer", fail)


def read_only(patch):
    real = os.open

    def opened(path, flags, *others, **options):
        if flags & os.O_CREAT:
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, flags, *others, **options)

    def fail(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    patch.setattr(os, "open", opened)
    patch.setattr(Path, "mkdir", fail)


def locked(patch):
    """What is to be replaced is open in another program, as Windows has it."""

    def fail(*_, **__):
        raise PermissionError(errno.EACCES, "The process cannot access the file")

    patch.setattr(Path, "replace", fail)
    patch.setattr(Path, "rename", fail)


QUICK = {
    full: ("check", "check dq-csv", "fix-list csv", "convert csv", "sample", "rules docs"),
    read_only: ("check output", "convert parquet", "rules new"),
    locked: ("check measures-csv", "vodim", "compare", "fix-list xlsx", "convert csv", "sample"),
}
FAULTS = [
    pytest.param(
        *(writer, fault),
        id=f"{writer}, {fault.__name__}",
        marks=[] if writer in quick else pytest.mark.slow,
    )
    for fault, quick in QUICK.items()
    for writer in WRITERS
]
"""Each writer meets each fault, and at least one of them in the tests that are not slow."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to run in, where something was written before."""
    monkeypatch.chdir(tmp_path)
    Path("msds-audit.toml").write_text(OUTPUTS, "utf-8")
    (tmp_path / "out" / "own" / "records").mkdir(parents=True)
    (tmp_path / "out" / "own" / "records" / "ours.toml").write_text(RULE, "utf-8")
    for name in ("card.json", "dq.csv", "dq.note.txt", "one.json", "list.csv", "vodim.txt"):
        (tmp_path / "out" / name).write_text("older", "utf-8")
    return tmp_path


def content(folder):
    """What files there are below a folder, and what is in them."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- disks --------------------------------------------------------------------------------


@pytest.mark.parametrize(("writer", "fault"), FAULTS)
@pytest.mark.usefixtures("audited_once")
def test_what_cannot_be_written_leaves_everything_as_it_was(writer, fault, run, place, monkeypatch):
    before = content(place)
    with monkeypatch.context() as patch:
        fault(patch)
        ran = run(*WRITERS[writer])
    assert ran.code == 5
    assert "Hint:" in ran.err
    assert "bug" not in ran.err
    assert content(place) == before
    assert not [path for path in place.rglob("*") if is_unfinished(path.name)]


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.usefixtures("audited_once")
def test_each_of_them_writes_where_nothing_is_wrong(writer, run, place):
    before = content(place)
    ran = run(*WRITERS[writer])
    assert ran.code in (0, 1)
    assert content(place) != before
    assert not [path for path in place.rglob("*") if is_unfinished(path.name)]


@pytest.mark.parametrize(
    "writer",
    quick_first(
        [name for name in WRITERS if "rules" not in name],
        ("check dq-csv", "check output", "compare", "fix-list xlsx", "sample"),
    ),
)
@pytest.mark.usefixtures("audited_once")
def test_a_folder_in_the_place_of_an_output_is_left(writer, run, place):
    """In a layout of NHS England a folder is where the file goes under its published name."""
    words = WRITERS[writer]
    named = [word for word in words if str(word).startswith("out/")] or ["out/one.json"]
    (place / named[0]).unlink(missing_ok=True)
    (place / named[0]).mkdir()
    (place / named[0] / "kept").write_text("kept", "utf-8")
    before = content(place)
    ran = run(*words)
    published = writer in ("check dq-csv", "check measures-csv", "check data-csv")
    assert ran.code == (1 if published else 5)
    assert before.items() <= content(place).items()
    assert (content(place) == before) == (not published)


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes cannot be limited there")
@pytest.mark.parametrize("room", [0, 1000])
@pytest.mark.usefixtures("audited_once")
def test_a_step_summary_that_does_not_fit_is_as_it_was(room, run, tmp_path, monkeypatch):
    summary = tmp_path / "summary.md"
    summary.write_text("what another step wrote\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    with limited(summary.stat().st_size + room):
        ran = run("check", SMALL, "--format", "github", "--quiet")
    assert ran.code == 5
    assert summary.read_text("utf-8") == "what another step wrote\n"


@contextmanager
def limited(size):
    """No file can be longer than this."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.usefixtures("audited_once")
def test_a_link_stays_and_what_it_stands_for_is_written(run, place):
    (place / "far").mkdir()
    link = place / "out" / "link.json"
    link.symlink_to(place / "far" / "card.json")
    assert run("check", SMALL, "--no-config", "--out", link).code == 1
    assert link.is_symlink()
    assert json.loads((place / "far" / "card.json").read_text("utf-8"))["scorecards"]


@pytest.mark.parametrize("there", [(), ("one",), ("two",), ("one", "two")])
@pytest.mark.parametrize("failing", [1, 2])
def test_of_several_files_none_is_new_where_one_cannot_be_put_in_place(
    there, failing, tmp_path, monkeypatch
):
    for name in there:
        (tmp_path / name).write_text(f"older {name}", "utf-8")
    before = state_of(*(tmp_path / name for name in there))
    real, tries = Path.replace, iter(range(1, 9))

    def replace(path, target):
        if next(tries) == failing:
            raise PermissionError(errno.EACCES, "open")
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(ReportError):
            write_together({tmp_path / "one": "new", tmp_path / "two": "new"})
    assert state_of(*(tmp_path / name for name in there)) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(there)


# --- streams ------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    ("words", "streams", "code"),
    [
        (("--version",), ">/dev/full", 5),
        (("--help",), ">/dev/full", 5),
        (("--version",), ">&-", 5),
        (("--version",), "2>&-", 0),
        (("rules", "new", "x", "y"), "2>/dev/full", 2),
        (("rules", "new", "x", "y"), ">&- 2>&-", 2),
    ],
    ids=str,
)
def test_a_stream_that_is_full_or_closed_is_no_bug_and_no_verdict(words, streams, code, tmp_path):
    command = " ".join([f"'{sys.executable}' -m msds_audit", *words, streams])
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, check=False, cwd=tmp_path, encoding="utf-8"
    )
    assert done.returncode == code
    assert "bug" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


# --- inputs -------------------------------------------------------------------------------

MOTHERS, HEADER = "MSD001MotherDemog.csv", "MSD000Header.csv"


def shortened(file):
    os.truncate(file, file.stat().st_size // 2)


def lengthened(file):
    lines = file.read_text("utf-8").splitlines(keepends=True)
    with file.open("a", encoding="utf-8", newline="") as more:
        more.writelines(lines[1:3])


def rewritten(file):
    """As long as before, which the time of writing gives away."""
    content = file.read_bytes()
    time.sleep(0.02)
    file.write_bytes(content)


def replaced(file):
    copy = file.with_name("copy.tmp")
    copy.write_bytes(file.read_bytes() + b"\n")
    copy.replace(file)


def added(file):
    shutil.copyfile(file, file.with_name("MSD101PregnancyBooking.csv"))


CHANGES = (shortened, lengthened, rewritten, replaced, added, Path.unlink)
READING = {
    "check": lambda extract, out, told: api.check([extract], on_step=told),
    "fix-list": lambda extract, out, told: api.fix_list([extract], on_step=told),
    "compare": lambda extract, out, told: api.compare(SMALL, extract, on_step=told),
    "convert": lambda extract, out, told: api.convert([extract], out, Form.CSV, on_step=told),
}


@pytest.fixture
def extract(tmp_path):
    return Path(shutil.copytree(SMALL, tmp_path / "extract"))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("command", READING)
def test_an_extract_that_changes_once_it_was_opened_is_refused(command, change, extract, tmp_path):
    """The change comes between opening and counting, or just before the last file is opened."""
    changed = []

    def told(step):
        late = not step.startswith("Reading") or (command == "compare" and MOTHERS in step)
        if late and not changed and (command != "compare" or started.is_set()):
            changed.append(step)
            change(extract / MOTHERS)
        if command == "compare" and HEADER in step:
            started.set()

    started = threading.Event()
    with pytest.raises(ExtractError, match=r"while the extract was read\.$") as caught:
        READING[command](extract, tmp_path / "out", told)
    assert len(changed) == 1
    assert "MSD" in caught.value.sentence
    assert [path.name for path in tmp_path.iterdir()] == ["extract"]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_command_says_so_and_writes_nothing(change, run, extract, monkeypatch, tmp_path):
    real = api.auditing.score

    def score(*arguments):
        change(extract / MOTHERS)
        return real(*arguments)

    monkeypatch.setattr(api.auditing, "score", score)
    ran = run("check", extract, "--out", tmp_path / "card.json")
    assert (ran.code, ran.last) == (4, NO_AUDIT)
    assert "while the extract was read." in ran.err
    assert not (tmp_path / "card.json").exists()


def test_files_that_are_not_read_may_change(run, extract, monkeypatch):
    real = api.auditing.score

    def score(*arguments):
        (extract / "notes.txt").write_text("x", "utf-8")
        (extract / "~$MSD001.xlsx").write_text("x", "utf-8")
        (extract / "card.json").write_text("x", "utf-8")
        return real(*arguments)

    monkeypatch.setattr(api.auditing, "score", score)
    assert run("check", extract, "-q").code == 1


@pytest.mark.parametrize("name", ["extract.zip", "postcodes.csv"])
def test_a_zip_and_a_postcode_directory_are_watched_too(name, run, extract, monkeypatch, tmp_path):
    shutil.make_archive(str(tmp_path / "extract"), "zip", extract)
    (tmp_path / "postcodes.csv").write_text("pcds,lsoa11\nSM1 1AA,E01000001\n", "utf-8")
    real = api.auditing.score

    def score(*arguments):
        with (tmp_path / name).open("ab") as file:
            file.write(b"\n")
        return real(*arguments)

    monkeypatch.setattr(api.auditing, "score", score)
    asked = ("--postcode-lookup", tmp_path / "postcodes.csv", "-q")
    ran = run("check", tmp_path / "extract.zip", *asked)
    assert ran.code == 4
    assert f"{name} was changed" in ran.err


def test_a_share_that_goes_away_is_no_bug(run, extract, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(api.auditing, "audit", fail)
    ran = run("check", extract)
    assert (ran.code, ran.last) == (4, NO_AUDIT)
    assert "cannot be read to its end (OSError)" in ran.err


# --- stopped ------------------------------------------------------------------------------


TRACED = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""A file that was opened in the line that is interrupted is closed when it is found."""


def stopped_at_each_line(write, check):
    """Interrupt at each line of `writing` that is run, one after the other; how many there were."""
    points = 0
    while True:
        seen = 0

        def traced(frame, event, _, points=points):
            nonlocal seen
            if frame.f_code.co_filename != writing.__file__:
                return None
            if event == "line":
                seen += 1
                if seen > points:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return traced

        sys.settrace(traced)
        try:
            write(points)
            stopped = False
        except KeyboardInterrupt:
            stopped = True
        finally:
            sys.settrace(None)
        check(points, stopped)
        if not stopped:
            return points
        points += 1


@TRACED
def test_ctrl_c_at_any_line_leaves_all_old_or_all_new(tmp_path):
    """What an interruption during the tidying itself leaves is hidden and known by its name."""
    left = 0

    def write(point):
        folder = tmp_path / str(point)
        folder.mkdir()
        (folder / "one").write_text("old", "utf-8")
        (folder / "two").write_text("old", "utf-8")
        write_together({folder / "one": "new", folder / "two": "new", folder / "three": "new"})

    def check(point, stopped):
        nonlocal left
        folder = tmp_path / str(point)
        names = ("one", "two", "three")
        found = [(folder / name).read_text() for name in names if (folder / name).exists()]
        assert found in (["old", "old"], ["new", "new", "new"])
        others = [path.name for path in folder.iterdir() if path.name not in names]
        assert all(map(is_unfinished, others))
        assert not others or stopped
        left += bool(others)

    points = stopped_at_each_line(write, check)
    assert points > 60
    assert left < points / 4


@TRACED
def test_ctrl_c_at_any_line_leaves_a_folder_whole_or_none(tmp_path):
    def write(point):
        with whole_folder(tmp_path / str(point) / "out", 0o700) as folder:
            (folder / "one").write_text("new", "utf-8")
            (folder / "two").write_text("new", "utf-8")

    def check(point, stopped):
        out = tmp_path / str(point) / "out"
        assert not out.exists() or len(list(out.iterdir())) == 2
        assert out.exists() or stopped

    assert stopped_at_each_line(write, check) > 10


@TRACED
def test_ctrl_c_at_any_line_adds_all_to_a_summary_or_nothing(tmp_path):
    def write(point):
        (tmp_path / str(point)).write_text("older\n", "utf-8")
        append(tmp_path / str(point), "new\n")

    def check(point, stopped):
        assert (tmp_path / str(point)).read_text() in ("older\n", "older\nnew\n")

    assert stopped_at_each_line(write, check) > 5


@TRACED
def test_ctrl_c_at_any_line_leaves_a_new_rule_file_whole_or_none(tmp_path):
    def write(point):
        assert write_new(tmp_path / str(point) / "rule.toml", "whole")

    def check(point, stopped):
        file = tmp_path / str(point) / "rule.toml"
        assert not file.exists() or file.read_text() == "whole"

    assert stopped_at_each_line(write, check) > 15


@pytest.mark.parametrize(
    "place_of_it",
    [
        "msds_audit.api.load_rules",
        "msds_audit.api.auditing.open_extract",
        "msds_audit.api.auditing.audit",
        "msds_audit.api.auditing.score",
        "msds_audit.api.gated",
        "msds_audit.reports.writing.write_whole",
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="a signal is raised otherwise there")
def test_ctrl_c_leaves_with_130_and_no_word(place_of_it, run, monkeypatch, tmp_path):
    def interrupted(*_, **__):
        signal.raise_signal(signal.SIGINT)

    out = tmp_path / "card.json"
    out.write_text("older", "utf-8")
    monkeypatch.setattr(place_of_it, interrupted)
    monkeypatch.setattr("msds_audit.api.configured_rules", lambda _: api.load_rules())
    ran = run("check", SMALL, "--out", out)
    assert (ran.code, ran.out) == (130, "")
    assert out.read_text("utf-8") == "older"
    assert list(tmp_path.iterdir()) == [out]


def test_ctrl_c_where_nothing_else_catches_it_leaves_with_130_too(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("msds_audit.cli.entry.app", interrupted)
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 130
    assert capsys.readouterr().err == ""


def interrupted_after(seconds, words):
    """The code and standard error of a command that is interrupted so long after it was begun."""
    with subprocess.Popen(
        [sys.executable, "-m", "msds_audit", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
    return process.returncode, err


@pytest.mark.skipif(sys.platform == "win32", reason="a process is interrupted otherwise there")
@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "convert"])
def test_ctrl_c_at_any_moment_leaves_no_half_of_anything(command, tmp_path, figure):
    """While Python itself begins or ends it is Python that answers: by the signal, or with 1."""
    points = 40
    started = time.perf_counter()
    arguments = ("check", SMALL, "--out", tmp_path / "whole.json")
    subprocess.run([sys.executable, "-m", "msds_audit", *arguments], check=False, stderr=-3)
    whole, lasted = (tmp_path / "whole.json").read_bytes(), time.perf_counter() - started
    codes = []
    for point in range(points):
        out = tmp_path / f"out {point}"
        options = ("--out", f"{out}.json") if command == "check" else (out,)
        seconds = lasted * (point + random.random()) / points
        code, err = interrupted_after(seconds, (command, SMALL, *options))
        codes.append(code)
        assert code in (130, -2, 1, 0)
        assert "Traceback" not in err or code in (-2, 1)
        if Path(f"{out}.json").exists():
            assert Path(f"{out}.json").read_bytes() == whole
        assert not out.exists() or len(list(out.iterdir())) == 4
        assert not [path for path in tmp_path.iterdir() if is_unfinished(path.name)]
    figure(f"{command}: {points} interruptions, codes {sorted(codes)}")


KILLED = """
import os, sys
from pathlib import Path
from msds_audit.reports.writing import whole_folder, write_private
os.umask(0)
Path.replace = Path.rename = lambda *_: os._exit(9)
if sys.argv[1] == "file":
    write_private({Path("worklist.csv"): b"people", Path("worklist.note.txt"): b"n"}, force=True)
with whole_folder(Path("out"), 0o700) as folder:
    (folder / "MSD001MotherDemog.csv").write_text("half")
"""


def killed(what, folder):
    done = subprocess.run([sys.executable, "-c", KILLED, what], cwd=folder, check=False)
    assert done.returncode == 9
    return [path for path in folder.iterdir() if is_unfinished(path.name)]


@pytest.mark.usefixtures("audited_once")
def test_killed_before_a_list_is_put_in_place_the_old_one_stays(run, tmp_path):
    (tmp_path / "worklist.csv").write_text("older", "utf-8")
    left = killed("file", tmp_path)
    assert (tmp_path / "worklist.csv").read_text("utf-8") == "older"
    assert any(path.name.startswith(".worklist.csv.") for path in left)
    if os.name == "posix":
        people = [path for path in left if path.read_bytes() == b"people"]
        assert [stat.S_IMODE(path.stat().st_mode) for path in people] == [0o600]
    ran = run("fix-list", SMALL, "--out", tmp_path / "worklist.csv", "--force")
    assert ran.code == 0


def test_killed_before_tables_are_put_in_place_none_is_there_and_none_is_read(run, extract):
    [left] = killed("folder", extract)
    assert left.is_dir()
    assert not (extract / "out").exists()
    if os.name == "posix":
        assert stat.S_IMODE(left.stat().st_mode) == 0o700
    ran = run("check", extract)
    assert ran.code == 1
    assert ran.out.count("Epsom") == 1
    assert "(left by a run that was stopped)" in " ".join(ran.out.split())
    left.rename(extract / "elsewhere")
    assert run("check", extract).code == 4


def test_names_of_what_is_unfinished_are_known_and_never_alike():
    names = {unfinished("list.csv") for _ in range(1000)}
    assert len(names) == 1000
    assert all(map(is_unfinished, names))
    for name in ("list.csv", ".list.csv.part", "list.csv.12345678.part", ".part", ".x.part"):
        assert not is_unfinished(name)


WRITING = """
import sys
from pathlib import Path
from msds_audit.reports.writing import write_together
text = sys.argv[1] * 200_000
for _ in range(25):
    write_together({Path("one"): text, Path("two"): text})
"""


def test_two_runs_that_write_the_same_files_leave_each_of_them_whole(tmp_path):
    wholes = {letter * 200_000 for letter in "ab"}
    begun = [subprocess.Popen([sys.executable, "-c", WRITING, one], cwd=tmp_path) for one in "ab"]
    seen = 0
    while any(one.poll() is None for one in begun):
        for name in ("one", "two"):
            try:
                assert (tmp_path / name).read_text("utf-8") in wholes
                seen += 1
            except (FileNotFoundError, PermissionError):
                continue
        time.sleep(0.005)
    assert seen > 10
    if sys.platform != "win32":
        assert [one.returncode for one in begun] == [0, 0]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_or_device_is_never_replaced_by_a_file(run, tmp_path):
    pipe = tmp_path / "cards.json"
    os.mkfifo(pipe)
    ran = run("check", FIXTURES / "clean", "--out", pipe)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith("Error: cards.json is a device or a pipe.")
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]
