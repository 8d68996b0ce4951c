"""Prunes restore points by the rules, or deletes chosen ones, and reclaims their bytes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from core.cleanup import attempt, concluding
from core.config.models import RetentionSettings, Settings
from core.operation import Context, Effect, OperationError
from core.process import run_in_process
from core.snapshot.models import Frozen, ListedPoint
from core.snapshot.retention.plan import Plan, plan
from core.snapshot.retention.reclaim import Unsure, plan_reclaim, reclaim
from core.snapshot.store import Damage, Store
from core.text import Text, translate


class Pruned(Frozen):
    """What a prune did or, as a preview, would do; sizes in bytes."""

    plan: Plan
    deleted: tuple[str, ...]
    kept: int
    freed_bytes: int
    """What really returns: shared chunks, bases of differences and new packs are reckoned in."""
    stored_bytes: int
    """What the store's packs take afterwards."""
    dry_run: bool = False


def preview_prune(store: Store, retention: RetentionSettings, now: datetime) -> Pruned:
    """Return what a prune at *now* would do; raises `OperationError`.

    Reads the indexes of all restore points: not for the window's own thread.
    """
    listed = store.listed()
    chosen = plan(listed, retention, now)
    return _preview(store, listed, chosen, chosen.going)


@dataclass(frozen=True)
class Prune:
    """Remove the restore points that no rule keeps."""

    settings: Settings
    dry_run: bool = False
    name: str = "backup prune"
    effect: Effect = Effect.ROOM

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
    name: str = "backup delete"
    effect: Effect = Effect.ROOM

    def run(self, context: Context) -> Pruned:
        """Return what was done; the caller holds the console's lock.

        Raises `OperationError` for a pinned one, and when no good one would remain.
        """
        return run_in_process(delete, context, self.settings, self.point_ids)


def prune(context: Context, settings: Settings, now: datetime, *, dry_run: bool = False) -> Pruned:
    """Prune in this process."""
    store = _store(settings)
    with nullcontext() if dry_run else store.exclusive(context):
        listed = store.listed()
        chosen = plan(listed, settings.retention, now)
        preview = _preview(store, listed, chosen, chosen.going)
        return preview if dry_run else _carry_out(context, store, preview)


def delete(context: Context, settings: Settings, point_ids: Sequence[str]) -> Pruned:
    """Delete chosen restore points in this process."""
    store = _store(settings)
    with store.exclusive(context):
        listed = store.listed()
        going = tuple(dict.fromkeys(point_ids))
        _require_deletable(store, listed, going)
        nothing = plan(listed, settings.retention, datetime.now(UTC))
        return _carry_out(context, store, _preview(store, listed, nothing, going))


def _store(settings: Settings) -> Store:
    store = Store(settings.store)
    if store.root.exists():
        store.require_known_format()
    return store


def _require_deletable(store: Store, listed: Sequence[ListedPoint], going: Collection[str]) -> None:
    known = {one.point.id: one for one in listed}
    for point_id in going:
        one = known.get(point_id)
        if one is None and point_id not in store.damaged():
            raise _kept(
                translate("snapshot", "There is no restore point {id}.", id=point_id[:60]),
                translate("snapshot", "Choose another restore point."),
            )
        if one is not None and one.annotations.pinned:
            raise _kept(
                translate("snapshot", "The restore point {id} is pinned.", id=point_id),
                translate("snapshot", "Unpin it first."),
            )
    good = {one.point.id for one in listed if one.good}
    if good and good <= set(going):
        raise _kept(
            translate("snapshot", "No good restore point would remain."),
            translate("snapshot", "Back up first, then delete."),
        )


def _preview(
    store: Store, listed: Sequence[ListedPoint], chosen: Plan, going: Sequence[str]
) -> Pruned:
    chunks = store.chunks()
    try:
        staying = [one.point for one in listed if one.point.id not in set(going)]
        _require_readable(store, going)
        todo = plan_reclaim(store, chunks, staying)
    except Unsure as error:
        raise _blocked(error) from error
    except (Damage, OSError) as error:
        raise _failed(error) from error
    finally:
        attempt(chunks.close)
    freed = todo.freed + sum(store.point_size(point_id) for point_id in going)
    return Pruned(
        plan=chosen,
        deleted=tuple(going),
        kept=len(staying),
        freed_bytes=freed,
        stored_bytes=store.size() - todo.freed,
        dry_run=True,
    )


def _require_readable(store: Store, going: Collection[str]) -> None:
    """Refuse to reclaim while a manifest that stays cannot be read: its chunks are unknown."""
    for point_id, why in store.damaged().items():
        if point_id not in going:
            raise Unsure(point_id, why)


def _carry_out(context: Context, store: Store, preview: Pruned) -> Pruned:
    context.check()
    try:
        store.sweep()
        store.delete(preview.deleted)
        chunks = store.chunks()
        with concluding(chunks.close):
            staying = [one.point for one in store.listed()]
            reclaim(context, store, chunks, plan_reclaim(store, chunks, staying))
    except (Damage, OSError, Unsure) as error:
        raise _failed(error) from error
    return preview.model_copy(update={"dry_run": False, "stored_bytes": store.size()})


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
