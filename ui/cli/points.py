"""Commands for restore points: ``backup create|list|show|verify|pin|export|import|copy|prune``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from core.backup.annotate import AnnotateRestorePoint
from core.backup.copy import CopyStore
from core.backup.create import CreateRestorePoint
from core.backup.exchange import ExportRestorePoint, ImportRestorePoint, suggested_folder
from core.backup.models import ListedPoint, Proof, RestorePoint
from core.backup.order import is_from_future, newest_good
from core.backup.retention import DeletePoints, Prune, held_text, preview_prune
from core.backup.store import Store
from core.backup.verify import VerifiedAll, VerifyAll, VerifyRestorePoint
from core.base.model import Model
from core.base.operation import OperationError
from core.base.text import translate
from ui.cli.grammar import Subparsers, add_command, add_flag
from ui.cli.run import Exit, Line, Run
from ui.language import bytes_text, count_text, say
from ui.points.messages import (
    ago,
    condition,
    exact_time,
    future_text,
    note_of,
    proven,
    reason_name,
    when,
)


class PointView(RestorePoint):
    """A restore point and its annotations in one object, as ``--json`` prints it."""

    note: str
    pinned: bool
    note_damaged: bool
    good: bool
    size_bytes: int
    quick: Proof | None
    full: Proof | None


class PointList(Model):
    """All restore points, newest first, and the damaged ones with the reason."""

    points: tuple[PointView, ...]
    damaged: dict[str, str]
    store_bytes: int


def view(listed: ListedPoint) -> PointView:
    """Return *listed* as one object."""
    notes = listed.annotations
    return PointView(
        **dict(listed.point),
        note=notes.note,
        pinned=notes.pinned,
        note_damaged=notes.lost,
        good=listed.good,
        size_bytes=listed.point.size,
        quick=notes.quick,
        full=notes.full,
    )


def register(backup: Subparsers) -> None:
    """Add the commands to ``backup``."""
    create = add_command(
        backup, "create", translate("cli", "Back up now, while the program runs"), _create
    )
    create.add_argument("--note", default="", help=say(translate("cli", "a note for yourself")))
    add_command(backup, "list", translate("cli", "List the restore points"), _list)
    show = add_command(backup, "show", translate("cli", "Show one restore point"), _show)
    show.add_argument("id")
    verify = add_command(
        backup, "verify", translate("cli", "Prove that a restore point can be restored"), _verify
    )
    verify.add_argument("id", nargs="?", help=say(translate("cli", "default: all of them")))
    add_flag(verify, "--full", translate("cli", "with a restore drill"))
    pin = add_command(backup, "pin", translate("cli", "Keep a restore point for ever"), _pin)
    pin.add_argument("id")
    pin.add_argument("--remove", action="store_true", help=say(translate("cli", "let it go again")))
    pin.add_argument("--note", help=say(translate("cli", "also change its note")))
    _register_exchange(backup)


def _create(run: Run) -> int:
    point = run.change(CreateRestorePoint(run.settings, note=run.args.note))
    listed = Store(run.settings.store).get(point.id)
    return run.done(
        view(listed),
        [
            translate(
                "cli",
                "Restore point {id}: {size}, {added} new in the store.",
                id=point.id,
                size=bytes_text(point.size),
                added=bytes_text(point.added_bytes),
            )
        ],
        ok=_complete(run, point),
    )


def _complete(run: Run, point: RestorePoint) -> bool:
    """Say what is wrong with what was just saved, and return whether nothing is."""
    damaged = [file.name for file in point.files if file.database and not file.database.sound]
    held = {file.name for file in point.files}
    missing = [file.name for file in run.settings.databases if file.name not in held]
    if damaged:
        text = translate(
            "cli",
            "✗ Saved as it is, but damaged: {names}. Go back to a good restore point: 'rollback'.",
            names=", ".join(damaged),
        )
        run.output.line(text)
    if missing:
        text = translate(
            "cli",
            "✗ Not in it, because there is no such file: {names}. 'rollback' brings it back.",
            names=", ".join(missing),
        )
        run.output.line(text)
    return not damaged and not missing


def _list(run: Run) -> int:
    store = Store(run.settings.store)
    listed, damaged = store.read()
    found = PointList(
        points=tuple(view(one) for one in listed), damaged=damaged, store_bytes=store.size()
    )
    if run.output.as_json:
        return run.done(found)
    if not listed and not found.damaged:
        run.output.line(
            translate("cli", "There is no restore point yet; 'backup create' makes one.")
        )
        return Exit.OK
    now = datetime.now(UTC)
    titles = [
        say(translate("cli", "Id")),
        say(translate("cli", "Age")),
        say(translate("cli", "Reason")),
        say(translate("cli", "Size")),
        say(translate("cli", "Condition")),
        say(translate("cli", "Note")),
    ]
    run.output.table(
        titles,
        [
            [
                one.point.id,
                ago(when(one), now),
                reason_name(one.point.reason),
                bytes_text(one.point.size),
                proven(one, now),
                ("★ " if one.annotations.pinned else "") + note_of(one),
            ]
            for one in listed
        ],
        right={3},
    )
    for point_id, why in found.damaged.items():
        run.output.line(f"✗ {point_id}  {why}")
    if any(is_from_future(one, now) for one in listed):
        run.output.line(future_text(sum(is_from_future(one, now) for one in listed)))
    return Exit.OK


def _show(run: Run) -> int:
    listed = Store(run.settings.store).get(run.args.id)
    if run.output.as_json:
        return run.done(view(listed))
    point = listed.point
    for title, value in (
        (translate("cli", "Id"), point.id),
        (translate("cli", "State of"), exact_time(when(listed))),
        (translate("cli", "Reason"), reason_name(point.reason)),
        (translate("cli", "Made by"), point.by),
        (translate("cli", "Program"), point.program_version or "–"),
        (translate("cli", "Console"), point.console_version),
        (translate("cli", "Condition"), condition(listed)),
        (translate("cli", "Note"), note_of(listed) or "–"),
    ):
        run.output.line(f"{say(title)}: {value}")
    run.output.line()
    run.output.table(
        [
            say(translate("cli", "File")),
            say(translate("cli", "Size")),
            say(translate("cli", "Tables")),
            say(translate("cli", "Rows")),
            say(translate("cli", "Check")),
            say(translate("cli", "Digest")),
        ],
        [
            [
                file.name,
                bytes_text(file.size),
                count_text(file.database.table_count) if file.database else "–",
                count_text(file.database.rows) if file.database else "–",
                " ".join(file.database.integrity)[:40] if file.database else "–",
                file.digest[:16],
            ]
            for file in point.files
        ],
        right={1, 2, 3},
    )
    return Exit.OK


def _verify(run: Run) -> int:
    kind: Literal["quick", "full"] = "full" if run.args.full else "quick"
    if run.args.id:
        proof = run.change(VerifyRestorePoint(run.settings, run.args.id, kind))
        found = VerifiedAll(proofs={run.args.id: proof}, damaged={})
    else:
        found = run.change(VerifyAll(run.settings, kind))
    lines = [
        f"{'✓' if proof.ok else '✗'} {point_id}  {'; '.join(proof.problems)}".rstrip()
        for point_id, proof in found.proofs.items()
    ]
    lines += [f"✗ {point_id}  {why}" for point_id, why in found.damaged.items()]
    return run.done(found, lines, ok=found.ok)


def _pin(run: Run) -> int:
    found = run.change(
        AnnotateRestorePoint(
            run.settings, run.args.id, note=run.args.note, pinned=not run.args.remove
        )
    )
    return run.done(
        view(Store(run.settings.store).get(run.args.id)),
        [f"{'★' if found.pinned else '–'} {run.args.id} {found.note}".rstrip()],
    )


def require_point(run: Run, point_id: str | None) -> str:
    """Return *point_id*, or the newest good one; raises `OperationError` where there is none."""
    if point_id is not None:
        return point_id
    listed = newest_good(Store(run.settings.store).listed())
    if listed is not None:
        return listed.point.id
    raise OperationError(
        translate("cli", "There is no good restore point."),
        data_state=translate("cli", "Nothing was changed."),
        to_do=translate("cli", "Make one with 'backup create'."),
    )


def _register_exchange(backup: Subparsers) -> None:
    export = add_command(
        backup, "export", translate("cli", "Write ordinary SQLite files and a manifest"), _export
    )
    export.add_argument("id", nargs="?", help=say(translate("cli", "default: the newest good one")))
    export.add_argument("--to", type=Path, metavar="DIR")
    with_keys = translate("cli", "the encrypted exchange keys, too")
    add_flag(export, "--with-credentials", with_keys)
    bring = add_command(
        backup, "import", translate("cli", "Take exported files or loose backups in"), _import
    )
    bring.add_argument("source", type=Path)
    bring.add_argument("--note", default="")
    copy = add_command(
        backup, "copy", translate("cli", "Keep a second store on another disk, or fetch one"), _copy
    )
    way = copy.add_mutually_exclusive_group(required=True)
    way.add_argument(
        "--to", type=Path, metavar="DIR", help=say(translate("cli", "bring there what is new"))
    )
    way.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="DIR",
        help=say(translate("cli", "fetch from there what is new")),
    )
    make = translate("cli", "make the copy where there is none yet")
    add_flag(copy, "--create", make)
    prune = add_command(
        backup, "prune", translate("cli", "Remove the restore points that no rule keeps"), _prune
    )
    add_flag(prune, "--dry-run", translate("cli", "only say what would go"))
    prune.add_argument(
        "--delete", nargs="+", metavar="ID", help=say(translate("cli", "remove just these"))
    )


def _export(run: Run) -> int:
    listed = Store(run.settings.store).get(require_point(run, run.args.id))
    destination = (run.args.to or suggested_folder(Path.cwd(), listed)).resolve()
    exported = run.change(
        ExportRestorePoint(
            run.settings, listed.point.id, destination, with_credentials=run.args.with_credentials
        )
    )
    lines = [
        translate(
            "cli",
            "{count} files, {size}, in {folder}",
            count=len(exported.files),
            size=bytes_text(exported.size),
            folder=exported.folder,
        )
    ]
    if exported.left_out:
        names = ", ".join(exported.left_out)
        lines.append(translate("cli", "Left out, as it holds secrets: {names}", names=names))
    return run.done(exported, lines)


def _import(run: Run) -> int:
    imported = run.change(
        ImportRestorePoint(run.settings, run.args.source.resolve(), note=run.args.note)
    )
    lines = [
        translate("cli", "Restore point {id}: {size}.", id=point.id, size=bytes_text(point.size))
        for point in imported.points
    ]
    return run.done(imported, lines)


def _copy(run: Run) -> int:
    other: Path = run.args.to or run.args.source
    done = run.change(
        CopyStore(
            run.settings,
            other.resolve(),
            "to" if run.args.to is not None else "from",
            create=run.args.create,
        )
    )
    text = translate(
        "cli",
        "{count} restore points ({size}) copied and read back; {total} are in {folder} now.",
        count=len(done.points),
        size=bytes_text(done.copied_bytes),
        total=done.total,
        folder=done.target,
    )
    return run.done(
        done, [text, *(f"✗ {key}  {why}" for key, why in done.damaged.items())], ok=done.ok
    )


def _prune(run: Run) -> int:
    settings = run.settings
    if run.args.delete:
        pruned = run.change(DeletePoints(settings, tuple(run.args.delete)))
    elif run.args.dry_run:
        pruned = preview_prune(Store(settings.store), settings.retention, datetime.now(UTC))
    else:
        pruned = run.change(Prune(settings))
    count, kept, size = len(pruned.deleted), pruned.kept, bytes_text(pruned.freed_bytes)
    if pruned.dry_run:
        text = translate(
            "cli",
            "{count} restore points would go, {kept} stay, {size} would return.",
            count=count,
            kept=kept,
            size=size,
        )
    else:
        text = translate(
            "cli",
            "{count} restore points are gone, {kept} stay, {size} returned.",
            count=count,
            kept=kept,
            size=size,
        )
    lines: list[Line] = [*pruned.deleted, text]
    if pruned.dry_run and pruned.held_back:  # a prune tells of it as it goes
        lines.append(f"! {say(held_text(settings.store, pruned))}")
    return run.done(pruned, lines)
