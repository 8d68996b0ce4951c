"""The way back, tried for real on copies beside the live files: swapped in, opened, swapped out.

For each guarded file a stand-in under its name lies in a private folder in the very area that a
rollback uses, so that disk, folder and rights are those of the day.  The engine is the real one
(`core.promote`); its records lie in scratch, so that no recovery takes them for a change of the
live files.  The folder bears the mark of this process: once that is gone, recovery removes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import apsw

from core.backup.facts import read_restored
from core.backup.models import ListedPoint
from core.base.cleanup import attempt, cleaning_up, concluding, remove_tree
from core.base.config.models import GuardedFile, Settings
from core.base.files import fsync_file, private_folder
from core.base.folders import AREA, Use, scratch_folder
from core.base.operation import Context, OperationError, Unit
from core.base.owner import lower_priority, me
from core.base.process import run_in_process
from core.base.rights import Rights, give, rights_of, user_name
from core.base.sqlite import open_own
from core.base.text import Finding, Text, joined, translate
from core.promote.condition import Parked, discard_parked
from core.promote.engine import (
    Replacement,
    fingerprint,
    fingerprint_of,
    promote,
    promote_parked,
    staging_folder,
)
from core.promote.intent import FileFacts, observe
from core.switchover.plan import main_names, stage_point
from core.switchover.way_back.room import differences

FORTH, BACK = "try-forth", "try-back"
"""Ids of the two swaps."""
SUFFIXES = ("", "-wal", "-journal")


def try_way_back(
    context: Context,
    settings: Settings,
    files: Sequence[GuardedFile],
    point: ListedPoint | None = None,
) -> list[Finding]:
    """Swap a set in for stand-ins of *files*, and out again; return what came of it.

    With *point* that restore point is staged, whole, and opened after the swap; without one a
    small set takes its place.  Raises `Cancelled`; nothing is left.
    """
    try:
        with _stand_ins(settings, files) as trial:
            return _try(context, settings, trial, point)
    except OperationError as error:
        return [_failed(error.happened, error.to_do)]
    except (OSError, apsw.Error) as error:
        return [_failed(str(error), translate("wayback", "Remove the cause, then try again."))]


def _failed(why: Text | str, to_do: Text | None) -> Finding:
    text = translate("wayback", "The way back was tried beside the live files, and fails: {why}",
                     why=why)  # fmt: skip
    return Finding(name="trial", state="failed", evidence=text, to_do=to_do)


@contextmanager
def _stand_ins(settings: Settings, files: Sequence[GuardedFile]) -> Iterator[Settings]:
    """Make the folders of a trial and yield settings of which the stand-ins are the live files."""
    name = f"try-{me().mark}-{secrets.token_hex(2)}"
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder(settings, Use.CHECK))
        for folder in sorted({file.path.parent for file in files}):
            missing = [one for one in (folder, *folder.parents) if not one.exists()]
            for made in (*reversed(missing), folder / AREA):
                stack.callback(_remove_if_empty, made)
            stack.enter_context(cleaning_up(remove_tree, folder / AREA / name))
            private_folder(folder / AREA / name)
        yield settings.model_copy(
            update={
                "home": private_folder(scratch / "home"),
                "files": tuple(
                    GuardedFile(
                        name=file.name, kind=file.kind,
                        path=file.path.parent / AREA / name / file.path.name,
                    )
                    for file in files
                ),
            }
        )  # fmt: skip


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _try(
    context: Context, settings: Settings, trial: Settings, point: ListedPoint | None
) -> list[Finding]:
    what = translate("wayback", "Trying the way back beside the live files")
    context.progress(0, None, Unit.BYTES, what)
    wanted: dict[str, Rights] = {}
    found: list[Finding] = []
    for file in trial.files:
        live = settings.file(file.name).path
        if not live.is_file():
            continue
        rights = rights_of(live)
        paths = _make_former(file)
        try:
            for path in paths:
                give(path, rights)
            wanted[file.name] = rights
        except OSError:
            found.append(_not_to_give(live, rights))
    if point is not None:
        replacements = stage_point(context, trial, _within(point, trial), FORTH, gently=True)
    else:
        replacements = [_make_new(file) for file in trial.files]
    context.check()
    context.progress(0, None, Unit.BYTES, what)
    former = _contents(trial)
    parked = promote(trial, FORTH, replacements, fingerprint([one.live for one in replacements]))
    found += _rights_lost(settings, trial, wanted)
    _require_sound(context, trial, point)
    _swap_back(trial, parked, former)
    if not any(one.name == "rights" for one in found):
        text = translate("wayback", "Owner and rights are given to what is swapped in.")
        found.append(Finding(name="rights", state="ok", evidence=text))
    return [*found, _well(trial, point)]


def _within(point: ListedPoint, trial: Settings) -> ListedPoint:
    """Return *point* with those of its files alone that are tried."""
    names = {f"{file.name}{suffix}" for file in trial.files for suffix in ("", "-wal")}
    files = tuple(file for file in point.point.files if file.name in names)
    return point.model_copy(update={"point": point.point.model_copy(update={"files": files})})


def _make_former(file: GuardedFile) -> list[Path]:
    """Make the stand-in of a live file, a database with rows that lie in its ``-wal`` alone."""
    if file.kind != "database":
        file.path.write_bytes(b"the former one\n")
        return [file.path]
    _make_database(file.path, "former", in_wal=True)
    return [path for suffix in SUFFIXES if (path := Path(f"{file.path}{suffix}")).exists()]


def _make_new(file: GuardedFile) -> Replacement:
    staged = staging_folder(file.path, FORTH) / file.path.name
    if file.kind == "database":
        _make_database(staged, "new", in_wal=False)
    else:
        staged.write_bytes(b"the new one\n")
    fsync_file(staged)
    return Replacement(name=file.name, live=file.path)


def _make_database(path: Path, content: str, *, in_wal: bool) -> None:
    connection = open_own(path)
    with concluding(connection.close):
        if in_wal:
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("CREATE TABLE trial (content)")
        connection.execute("INSERT INTO trial VALUES (?)", (content,))


def _contents(trial: Settings) -> dict[Path, FileFacts]:
    paths = (Path(f"{file.path}{suffix}") for file in trial.files for suffix in SUFFIXES)
    return {path: observe(path) for path in paths if path.is_file()}


def _rights_lost(settings: Settings, trial: Settings, wanted: dict[str, Rights]) -> list[Finding]:
    found = []
    for name, rights in wanted.items():
        path = trial.file(name).path
        lost = differences(rights, rights_of(path)) if path.is_file() else []
        if lost:
            text = translate(
                "wayback", "What is put in the place of {path} would have {differences}.",
                path=settings.file(name).path, differences=joined(lost, ", "),
            )  # fmt: skip
            to_do = translate("wayback", "Go back as the owner of the file or as the "
                              "administrator, and set it right by hand afterwards.")  # fmt: skip
            found.append(Finding(name="rights", state="failed", evidence=text, to_do=to_do))
    return found


def _not_to_give(live: Path, rights: Rights) -> Finding:
    text = translate(
        "wayback",
        "{path} belongs to {owner}, with rights that this user cannot give: what is put in its "
        "place would have others, and the trading program might not be able to open it.",
        path=live, owner=user_name(rights.uid),
    )  # fmt: skip
    to_do = translate("wayback", "Run the console as {owner} or as the administrator.",
                      owner=user_name(rights.uid))  # fmt: skip
    return Finding(name="rights", state="failed", evidence=text, to_do=to_do)


def _require_sound(context: Context, trial: Settings, point: ListedPoint | None) -> None:
    """Raise `OperationError` unless SQLite opens what was swapped in and finds it whole."""
    names = {file.name for file in trial.files} if point is None else set(main_names(point))
    paths = [file.path for file in trial.databases if file.name in names]
    if point is None:
        wrong = _wrong_in(context, paths)
    else:
        wrong = run_in_process(_wrong_in_gently, context, paths)
    if wrong:
        raise OperationError(
            translate("wayback", "what was swapped in is not whole ({what}).", what=wrong),
            data_state=translate("wayback", "The live files were not touched."),
            to_do=translate("wayback", "Verify the restore points: 'backup verify --full'."),
        )


def _wrong_in_gently(context: Context, paths: Sequence[Path]) -> str:
    lower_priority()
    return _wrong_in(context, paths)


def _wrong_in(context: Context, paths: Sequence[Path]) -> str:
    for path in paths:
        what = translate("wayback", "Opening {name} as it would be found", name=path.name)
        context.progress(0, None, Unit.BYTES, what)
        facts = read_restored(context, path)
        if not facts.sound:
            return f"{path.name}: {'; '.join(facts.integrity)}"
    return ""


def _swap_back(trial: Settings, parked: Parked, former: dict[Path, FileFacts]) -> None:
    back = promote_parked(trial, parked, BACK, fingerprint_of(trial))
    now = _contents(trial)
    changed = [path for path, facts in former.items() if _other(now.get(path), facts)]
    attempt(discard_parked, trial, back.id)
    if changed or now.keys() != former.keys():
        raise OperationError(
            translate("wayback", "what was replaced did not come back as it was ({names}).",
                      names=", ".join(sorted({path.name for path in changed or now}))),
            data_state=translate("wayback", "The live files were not touched."),
            to_do=translate("wayback", "Look at the disk on which they lie."),
        )  # fmt: skip


def _other(found: FileFacts | None, facts: FileFacts) -> bool:
    return found is None or (found.size, found.digest) != (facts.size, facts.digest)


def _well(trial: Settings, point: ListedPoint | None) -> Finding:
    count = len(trial.files)
    text = translate(
        "wayback", "The way back was tried beside the live files: {count} stand-ins were swapped "
        "in and out again.", count=count,
    )  # fmt: skip
    if point is not None:
        text = translate(
            "wayback", "The way back was tried beside the live files: {id} was staged "
            "({size_bytes}), swapped in for {count} stand-ins, opened, and swapped out again.",
            id=point.point.id, size_bytes=point.point.size, count=count,
        )  # fmt: skip
    return Finding(name="trial", state="ok", evidence=text)
