"""Prunes restore points by the rules, or deletes chosen ones, and reclaims their bytes."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.backup.damage import is_whole
from core.backup.models import ListedPoint
from core.backup.retention.plan import KeepReason, Plan, plan
from core.backup.retention.reclaim import Reclaim, Unsure, plan_reclaim, reclaim
from core.backup.store import Chunks, Contents, Damage, Store
from core.base.cleanup import cleaning_up, concluding
from core.base.config.models import RetentionSettings, Settings
from core.base.model import Strict
from core.base.operation import Context, Kind, OperationError
from core.base.process import run_in_process
from core.base.text import Text, translate


class Pruned(Strict):
    """What a prune did or, as a preview, would do; sizes in bytes."""

    plan: Plan
    deleted: tuple[str, ...]
    kept: int
    freed_bytes: int
    """What really returns: shared chunks, bases of differences and new packs are reckoned in."""
    stored_bytes: int
    """What the store's packs take afterwards."""
    held_back: tuple[str, ...] = ()
    """What would go, but stays, because there is no room to rewrite what it shares a pack with."""
    room_bytes: int = 0
    """What must be free for the next of these."""
    dry_run: bool = False


def preview_prune(store: Store, retention: RetentionSettings, now: datetime) -> Pruned:
    """Return what a prune at *now* would do; raises `OperationError`.

    Reads the indexes of all restore points: not for the window's own thread.
    """
    there = store.read(fresh=True)
    chosen = plan(there.listed, retention, now)
    return _preview(store, there, chosen, chosen.going)


@dataclass(frozen=True)
class Prune:
    """Remove the restore points that no rule keeps."""

    settings: Settings
    dry_run: bool = False
    kind: Kind = Kind.BACKUP_PRUNE

    def run(self, context: Context) -> Pruned:
        """Return what was done; the caller holds the console's lock."""
        return run_in_process(
            prune, context, self.settings, datetime.now(UTC), dry_run=self.dry_run
        )


@dataclass(frozen=True)
class DeletePoints:
    """Remove chosen restore points, damaged ones included."""

    settings: Settings
    point_ids: tuple[str, ...]
    kind: Kind = Kind.BACKUP_DELETE

    def run(self, context: Context) -> Pruned:
        """Return what was done; the caller holds the console's lock.

        Raises `OperationError` for a pinned one, and when no good one would remain.
        """
        return run_in_process(delete, context, self.settings, self.point_ids)


def prune(context: Context, settings: Settings, now: datetime, *, dry_run: bool = False) -> Pruned:
    """Prune in this process."""
    store = _store(settings)
    if dry_run:
        found = preview_prune(store, settings.retention, now)
        _tell_unread(context, found.plan)
        return found
    with store.exclusive(context):
        known = {one.point.id for one in store.read(fresh=True).listed if one.damaged}
        while True:
            there = store.read(fresh=True)
            listed = there.listed
            chosen = plan(listed, settings.retention, now)
            stays = next((one for one in listed if _is_way_back(one, chosen)), None)
            if not chosen.going or stays is None or is_whole(context, store, stays):
                break
        # What was found to be damaged only now stays this time: it may be the disk's, and pass.
        late = {one.point.id for one in listed if one.damaged} - known
        going = tuple(one for one in chosen.going if one not in late)
        _tell_unread(context, chosen)
        return _carry_out(context, store, there, chosen, going)


def _tell_unread(context: Context, chosen: Plan) -> None:
    unread = [one.point_id for one in chosen.decisions if KeepReason.NOTES_UNREAD in one.reasons]
    if unread:
        context.warn(
            translate(
                "snapshot", "The notes of {ids} cannot be read. They may be pinned, and stay.",
                ids=", ".join(unread),
            )
        )  # fmt: skip


def _is_way_back(one: ListedPoint, chosen: Plan) -> bool:
    return one.good and KeepReason.NEWEST_GOOD in chosen.reasons(one.point.id)


def delete(context: Context, settings: Settings, point_ids: Sequence[str]) -> Pruned:
    """Delete chosen restore points in this process."""
    store = _store(settings)
    with store.exclusive(context):
        going = tuple(dict.fromkeys(point_ids))
        while True:
            there = store.read(fresh=True)
            _require_deletable(there, going)
            good = (one for one in there.listed if one.good and one.point.id not in going)
            stays = next(good, None)
            if stays is None or is_whole(context, store, stays):
                nothing = plan(there.listed, settings.retention, datetime.now(UTC))
                return _carry_out(context, store, there, nothing, going)


def _store(settings: Settings) -> Store:
    store = Store(settings.store)
    if store.root.exists():
        store.require_known_format()
    return store


def _require_deletable(there: Contents, going: Collection[str]) -> None:
    known = {one.point.id: one for one in there.listed}
    for point_id in going:
        one = known.get(point_id)
        if one is None and point_id not in there.damaged:
            raise _kept(
                translate("snapshot", "There is no restore point {id}.", id=point_id[:60]),
                translate("snapshot", "Choose another restore point."),
            )
        if one is not None and one.annotations.pinned:
            raise _kept(
                translate("snapshot", "The restore point {id} is pinned.", id=point_id),
                translate("snapshot", "Unpin it first."),
            )
    good = {one.point.id for one in there.listed if one.good}
    if good and good <= set(going):
        raise _kept(
            translate("snapshot", "No good restore point would remain."),
            translate("snapshot", "Back up first, then delete."),
        )


def _preview(store: Store, there: Contents, chosen: Plan, going: Sequence[str]) -> Pruned:
    chunks = store.chunks()
    with cleaning_up(chunks.close):
        todo = _plan(store, chunks, there, going)
        deleted = tuple(one for one in going if one not in todo.held_back)
        return Pruned(
            plan=chosen,
            deleted=deleted,
            kept=len([one for one in there.listed if one.point.id not in deleted]),
            freed_bytes=todo.freed + sum(store.point_size(one) for one in deleted),
            stored_bytes=store.size() - todo.freed,
            held_back=todo.held_back,
            room_bytes=todo.room,
            dry_run=True,
        )


def _plan(store: Store, chunks: Chunks, there: Contents, going: Sequence[str]) -> Reclaim:
    free = shutil.disk_usage(store.root).free if store.root.exists() else 0
    staying = [one.point for one in there.listed if one.point.id not in going]
    leaving = [one.point for one in there.listed if one.point.id in going]
    try:
        _require_readable(there, going)
        todo = plan_reclaim(store, chunks, staying, leaving, free)
    except Unsure as error:
        raise _blocked(error) from error
    except (Damage, OSError) as error:
        raise _failed(error) from error
    unreadable = set(going) - {point.id for point in leaving}
    return todo._replace(at_once=(*todo.at_once, *sorted(unreadable)))


def _require_readable(there: Contents, going: Collection[str]) -> None:
    """Refuse to reclaim while a manifest that stays cannot be read: its chunks are unknown."""
    for point_id, why in there.damaged.items():
        if point_id not in going:
            raise Unsure(point_id, why)


def _carry_out(
    context: Context,
    store: Store,
    there: Contents,
    chosen: Plan,
    going: Sequence[str],
) -> Pruned:
    store.sweep()
    chunks = store.chunks()
    try:
        with concluding(chunks.close):
            todo = _plan(store, chunks, there, going)
            if todo.held_back and not (todo.at_once or todo.remove or todo.rewrite):
                raise _no_room(store, todo)
            done = reclaim(context, store, chunks, todo)
    except (Damage, OSError) as error:
        raise _failed(error) from error
    pruned = Pruned(
        plan=chosen,
        deleted=done.deleted,
        kept=len([one for one in there.listed if one.point.id not in done.deleted]),
        freed_bytes=done.freed,
        stored_bytes=store.size(),
        held_back=tuple(one for one in going if one not in done.deleted),
        room_bytes=todo.room or done.room,
    )
    if todo.held_back or done.room:
        context.warn(held_text(store.root, pruned))
    return pruned


def held_text(root: Path, pruned: Pruned) -> Text:
    """Return the sentence that tells which restore points of the store at *root* stay, and why."""
    return _held_text(root, len(pruned.held_back), pruned.room_bytes)


def _held_text(root: Path, count: int, room: int) -> Text:
    return translate(
        "snapshot",
        "Left for want of room: {count} restore points; {needed_bytes} must be free, "
        "{free_bytes} are.",
        count=count,
        needed_bytes=room,
        free_bytes=shutil.disk_usage(root).free,
    )


def _no_room(store: Store, todo: Reclaim) -> OperationError:
    return _kept(
        _held_text(store.root, len(todo.held_back), todo.room),
        translate("snapshot", "Free some space there by other means, then prune again."),
    )


def _kept(happened: Text, to_do: Text) -> OperationError:
    return OperationError(
        happened, data_state=translate("snapshot", "Nothing was removed."), to_do=to_do
    )


def _blocked(error: Unsure) -> OperationError:
    return _kept(
        translate(
            "snapshot",
            "The restore point {id} is damaged, so what it needs cannot be told: {why}",
            id=error.point_id,
            why=error.why,
        ),
        translate("snapshot", "Check the disk; if the damage stays, delete that restore point."),
    )


def _failed(error: Exception) -> OperationError:
    return OperationError(
        translate("snapshot", "Pruning stopped: {why}", why=str(error)),
        data_state=translate(
            "snapshot", "Every restore point that is still listed is whole; live data is untouched."
        ),
        to_do=translate("snapshot", "Remove the cause, then prune again: it goes on from there."),
    )
