"""Commands that bring restore points out and in, and let them go: ``export|import|prune``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core.backup.copy import CopyStore
from core.backup.exchange import ExportRestorePoint, ImportRestorePoint, suggested_folder
from core.backup.retention import DeletePoints, Prune, held_text, preview_prune
from core.backup.store import Store
from core.base.text import translate
from ui.cli.grammar import Subparsers, add_command, add_flag
from ui.cli.points import require_point
from ui.cli.run import Line, Run
from ui.language import bytes_text, say


def register(backup: Subparsers) -> None:
    """Add the commands to ``backup``."""
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
