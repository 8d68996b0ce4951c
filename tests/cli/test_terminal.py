"""What a terminal gets: nothing that comes from data is obeyed there, and tables fit it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from blake3 import blake3

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.operation import Context
from tests.ready import ROOT, ReadyConsole
from ui.cli.run import table_lines
from ui.cli.streams import clean, clean_json, one_line

EVIL = "\x1b[31mred\x1b]0;title\x07\r\n✓ all is well \x9b2J\x7f\u202eright-to-left\u2028"
"""Colours, a new title of the window, a line of its own, a cleared screen, a turned order."""
LOOKS = (
    "status", "backup list", "backup show {id}", "backup diff {id}", "backup verify", "journal",
    "backup diff {id} --rows strategies.evil{evil}", "rollback --to {id} --dry-run", "health",
    "alerts list", "migrate status", "migrate plan", "migrate preflight", "verify data",
    "verify system", "service status", "service log", "deploy status", "deploy plan",
    "backup show no{evil}", "backup pin {id} --note x{evil}", "no-such{evil}", "service log {evil}",
)  # fmt: skip


@pytest.fixture
def hostile(settings: Settings) -> str:
    """A workspace where a note, a table, its column, a cell and the version are hostile."""
    strategies = sqlite3.connect(settings.file("strategies").path)
    strategies.execute(f'CREATE TABLE "evil{EVIL}" (id INTEGER PRIMARY KEY, "c{EVIL}" TEXT)')
    strategies.execute(f'INSERT INTO "evil{EVIL}" VALUES (1, ?)', (f"before{EVIL}",))
    strategies.commit()
    own = sqlite3.connect(settings.file("settings").path)
    own.execute("UPDATE cfg_app_settings SET value = ? WHERE key = 'app_version'", (f"1{EVIL}",))
    own.commit()
    own.close()
    point = create_restore_point(Context(), settings, Reason.MANUAL, note=f"note{EVIL}")
    strategies.execute(f'UPDATE "evil{EVIL}" SET "c{EVIL}" = ?', (f"after{EVIL}",))
    strategies.commit()
    strategies.close()
    logs = settings.app / "ops_console.yaml"
    logs.write_text("program: {environment: {UPBIT_LOG_LEVEL: INFO}}\n", encoding="utf-8")
    return point.id


Said = Callable[..., str]


@pytest.fixture
def said(ready: ReadyConsole, settings: Settings) -> Said:
    """What a command prints on both streams; with ``--json`` on standard output alone."""

    def run(words: str, point: str, *more: str) -> str:
        arguments = [word.format(id=point, evil=EVIL) for word in words.split()]
        done = ready.run("--app", settings.app, "--lang", "en", *arguments, *more)
        assert b"Traceback" not in done.stderr, done.stderr
        printed = (done.stdout if "--json" in more else done.stdout + done.stderr).decode()
        return printed.replace("\r\n", "\n") if os.name == "nt" else printed

    return run


def obeyed(text: str) -> set[str]:
    """The characters of *text* that a terminal obeys or does not show, but for ends of lines."""
    return {
        sign for sign in text
        if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"} and sign not in "\n\u200d"
    }  # fmt: skip


@pytest.mark.parametrize("words", LOOKS)
def test_nothing_from_data_reaches_the_terminal_raw(words: str, said: Said, hostile: str) -> None:
    text = said(words, hostile)
    assert obeyed(text) == set()
    assert not any(line.startswith("✓ all is well") for line in text.splitlines()), text


def test_what_is_hostile_is_shown_all_the_same(said: Said, hostile: str) -> None:
    shown = said("backup diff {id} --rows strategies.evil{evil}", hostile)
    assert r"before\x1b[31mred" in shown and r"after\x1b[31mred" in shown and r"\x9b2J" in shown
    assert r"note\x1b[31mred" in said("backup list", hostile)
    assert r"1\x1b[31mred" in said("backup show {id}", hostile)


@pytest.mark.parametrize("words", ["backup list", "backup show {id}", "backup diff {id}"])
def test_json_tells_a_script_the_very_same_characters(words: str, said: Said, hostile: str) -> None:
    text = said(words, hostile, "--json")
    assert obeyed(text) == set()
    assert EVIL in str(json.loads(text)) or repr(EVIL)[1:-1] in str(json.loads(text))


def test_a_store_lists_itself_without_obeying_its_own_manifests(
    settings: Settings, hostile: str
) -> None:
    manifest = settings.store / "points" / f"{hostile}.json"
    document = json.loads(manifest.read_text(encoding="utf-8"))
    document["point"]["reason"] = EVIL
    body = json.dumps(
        document["point"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    document["digest"] = blake3(body).hexdigest()
    manifest.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    for words in ((), (hostile, "out\x1b[31m"), (f"no{EVIL}", "out")):
        done = subprocess.run(
            [sys.executable, settings.store / "restore.py", *words],
            capture_output=True, text=True, encoding="utf-8", check=False, cwd=settings.app,
        )  # fmt: skip
        assert done.stdout + done.stderr and not obeyed(done.stdout + done.stderr), words


def test_every_sign_that_is_obeyed_has_its_escape_and_no_other() -> None:
    codes = (code for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    every = "".join(map(chr, codes)).replace("\n", "").replace("\t", "")
    # Signs of writing systems, and the soft hyphen, order nothing and hide nothing.
    assert {unicodedata.category(sign) for sign in obeyed(clean(every))} == {"Cf"}
    assert json.loads(clean_json(json.dumps(every, ensure_ascii=False))) == every
    assert clean("한글 가 é 😀 👨‍👩‍👧 \t ✓") == "한글 가 é 😀 👨‍👩‍👧 \t ✓"
    assert one_line("a\nb\r\nc\td\n") == "a⏎b⏎c d"


def test_product_code_prints_by_the_output_alone() -> None:
    beside = re.compile(r"sys\.__std|\.buffer\.write|os\.write\(1|os\.write\(2|rich\.print")
    for path in ROOT.glob("ui/**/*.py"):
        text = path.read_text(encoding="utf-8")
        assert not beside.search(text), path
        assert ".beneath" not in text or path.name in {"streams.py", "run.py"}, path


# ---- tables ----------------------------------------------------------------------------------

TABLES = ("status", "backup list", "backup show {id}", "backup diff {id}", "health",
          "migrate status", "migrate plan")  # fmt: skip


def columns(text: str) -> int:
    """How many columns *text* takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _read_all(terminal: int) -> bytes:
    found = b""
    try:
        while part := os.read(terminal, 65536):
            found += part
    except OSError:
        pass  # it was closed at the other end
    return found


def on_a_terminal(ready: ReadyConsole, width: int, *words: str | Path) -> list[str]:
    """The lines of a command on a terminal of *width* columns."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    surroundings = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    # Somebody has to read meanwhile: a terminal holds few lines that nobody reads.
    with ThreadPoolExecutor(1) as reader, Path(os.devnull).open("wb") as nowhere:
        reading = reader.submit(_read_all, ours)
        ready.run_on(theirs, nowhere.fileno(), *words, environment=surroundings)
        os.close(theirs)
        found = reading.result()
    os.close(ours)
    return found.decode().replace("\r\n", "\n").splitlines()


@pytest.fixture
def differing(settings: Settings) -> str:
    """A restore point with long names, and live data that differs in every way."""
    connection = sqlite3.connect(settings.file("strategies").path)
    long = "a_table_with_a_name_that_somebody_thought_about_for_a_long_while"
    connection.execute(f"CREATE TABLE {long} (id INTEGER PRIMARY KEY, value TEXT)")
    connection.executemany(f"INSERT INTO {long} VALUES (?, 'x')", [(n,) for n in range(3000)])
    connection.commit()
    point = create_restore_point(
        Context(), settings, Reason.MANUAL, note="밤 점검 전에, 누가 무엇을 왜 했는지"
    )
    connection.execute(f"DELETE FROM {long} WHERE id < 1500")
    connection.execute(f"UPDATE {long} SET value = 'y' WHERE id > 2000")
    connection.execute("CREATE TABLE new_one (id INTEGER PRIMARY KEY)")
    connection.commit()
    connection.close()
    return point.id


@pytest.mark.skipif(os.name != "posix", reason="a terminal is made by the system's pty")
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_table_fits_the_terminal_and_breaks_no_word(
    width: int, lang: str, ready: ReadyConsole, settings: Settings, differing: str
) -> None:
    for words in TABLES:
        arguments = words.format(id=differing).split()
        lines = on_a_terminal(ready, width, "--app", settings.app, "--lang", lang, *arguments)
        assert lines, words
        # Nothing is a column of fragments: no three lines in a row of a few letters each.
        short = [len(line.strip()) < 6 for line in lines]
        assert not any(all(short[n : n + 3]) for n in range(len(short) - 2)), lines
        if words.startswith("backup diff"):
            assert all(columns(line) <= max(width, 76) for line in lines), lines
            name = "a_table_with_a_name_that_somebody_thought_about_for_a_long_while"
            assert any(f"strategies.{name}" in line for line in lines), lines
            assert any("+1,500" in line for line in lines), lines


def test_in_a_pipe_every_row_is_one_line(said: Said, differing: str) -> None:
    lines = said("backup diff {id}", differing).splitlines()
    row = next(line for line in lines if "for_a_long_while" in line)
    assert "+1,500" in row and "~999" in row, lines


def test_a_table_as_wide_as_the_terminal_is_still_a_table() -> None:
    titles, rows = ["이름", "Size"], [["가나다", "1,000"], ["b", "2"]]
    table = ["이름     Size", "가나다  1,000", "b           2"]
    assert table_lines(titles, rows, {1}, 13) == table == table_lines(titles, rows, {1})
    assert table_lines(titles, rows, {1}, 12) == [
        "가나다", "    Size:", "    1,000", "b", "    Size: 2",
    ]  # fmt: skip


def test_a_wide_row_becomes_lines_of_words_with_its_sign_and_name_first() -> None:
    titles = ["", "What", "Value", "Note"]
    lines = table_lines(titles, [["✓", "Disk", "–", "a note of some words"]], {2}, 20)
    assert lines == ["✓  Disk", "    Note: a note of", "    some words"]
    assert all(columns(line) <= 20 for line in lines)


def test_tables_of_no_name_no_rowid_and_most_columns_are_shown_row_by_row(
    settings: Settings, said: Said
) -> None:
    connection = sqlite3.connect(settings.file("strategies").path)
    columns = ", ".join(f"c{number}" for number in range(1_990))
    connection.executescript(
        f'CREATE TABLE "" (id INTEGER PRIMARY KEY, v); CREATE TABLE wide ({columns});'
        "CREATE TABLE taken (rowid, oid, _rowid_); INSERT INTO taken VALUES (1, 2, 3);"
        'INSERT INTO "" VALUES (1, 2); INSERT INTO wide (c0, c1989) VALUES (1, 2)'
    )
    connection.commit()
    point = create_restore_point(Context(), settings, Reason.MANUAL).id
    connection.executescript(
        'UPDATE "" SET v = 3; UPDATE wide SET c1989 = 3; UPDATE taken SET oid = 4'
    )
    connection.commit()
    connection.close()
    shown = said("backup diff {id}", point)
    assert 'strategies.""' in shown and "cannot be read" not in shown
    for name, change in (('""', "v: 3 → 2"), ("", "v: 3 → 2"), ("wide", "c1989: 3 → 2"),
                         ("taken", "oid: 2")):  # fmt: skip
        rows = said(f"backup diff {{id}} --rows strategies.{name}", point)
        assert change in rows, (name, rows)


@pytest.mark.parametrize(("lang", "claim"), [("en", "Healthy"), ("ko", "정상")])
def test_status_claims_no_more_than_was_looked_at(
    lang: str, claim: str, settings: Settings, ready: ReadyConsole
) -> None:
    """A page far inside is damaged: the file opens, and only who reads it all can tell."""
    path = settings.file("market_data").path
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    status, verified = (
        ready.run("--app", settings.app, "--lang", lang, *words.split())
        for words in ("status", "verify data")
    )
    lines = status.stdout.decode().splitlines()
    (line,) = (one for one in lines if one.startswith("market_data"))
    assert claim not in line and verified.returncode == 3, verified.stdout
