"""Runs an operation and keeps in the journal what became of it."""

from __future__ import annotations

import json
import logging
from typing import TypeVar

import apsw
from pydantic import TypeAdapter

from core.base.config.models import Settings
from core.base.journal import Begun, Failure, Outcome, begin, end
from core.base.operation import Cancelled, Context, Operation, OperationError
from core.base.owner import user_at_host
from core.base.state import StateDamaged
from core.base.text import translate
from core.promote import stopped_by_system

Result = TypeVar("Result")
log = logging.getLogger(__name__)
DEEPEST = 3
"""So many levels of a result the journal keeps; of what is deeper, how much it was."""
LONGEST = 20
LONGEST_TEXT = 2_000


def run_journalled(
    settings: Settings, operation: Operation[Result], context: Context, by: str
) -> Result:
    """Run *operation* and keep in the journal what became of it; raises what it raises.

    *by* says from where: ``window``, ``command line`` or ``schedule``.
    """
    begun: Begun | None
    who = f"{user_at_host()}, {by}"
    try:
        try:
            begun = begin(settings, operation.kind, who)
        except StateDamaged:
            begun = begin(settings, operation.kind, who)  # in the one that was begun anew
    except (OSError, apsw.Error) as error:
        if operation.kind.effect.needs_journal:
            raise unwritable(settings, error) from error
        # What looks or frees space is worth more than its entry.
        log.exception("the journal could not take the beginning of %s", operation.kind)
        begun = None
    try:
        result = operation.run(context)
    except Cancelled:
        end(settings, begun, Outcome.CANCELLED, context)
        raise
    except OperationError as error:
        text = Failure.of(error).model_dump_json()
        end(settings, begun, Outcome.FAILED, context, error=text)
        raise
    except OSError as error:
        log.exception("%s", operation.kind)
        known = stopped_by_system(settings, error)
        end(settings, begun, Outcome.FAILED, context, error=Failure.of(known).model_dump_json())
        raise known from error
    except BaseException as error:
        text = json.dumps({"bug": f"{type(error).__name__}: {error}"})
        end(settings, begun, Outcome.FAILED, context, error=text)
        raise
    end(settings, begun, Outcome.OK, context, result=summary_of(result))
    return result


def unwritable(settings: Settings, error: Exception) -> OperationError:
    """Return the failure of an operation that cannot even be written down."""
    return OperationError(
        translate(
            "core",
            "The console's own folder {path} cannot be written: {why}",
            path=settings.home,
            why=str(error),
        ),
        data_state=translate("core", "Nothing was touched."),
        to_do=translate("core", "Free some space there or give yourself the right to write."),
    )


def summary_of(result: object) -> str:
    """Return what the journal keeps of what an operation returned, as JSON: ids, sizes, verdicts.

    What is long or deep stands where it belongs: facts in the restore point, rows in the report.
    The steps are an entry's own.
    """
    adapter: TypeAdapter[object] = TypeAdapter(type(result))
    document = adapter.dump_python(result, mode="json")
    return json.dumps(_short(document), ensure_ascii=False)


def _short(value: object, depth: int = 0) -> object:
    """Return *value* without what is longer than `LONGEST` items or deeper than `DEEPEST`."""
    if isinstance(value, dict):
        if depth >= DEEPEST or len(value) > LONGEST:
            return len(value)
        return {
            name: _short(inner, depth + 1)
            for name, inner in value.items()
            if not (depth == 0 and name == "steps")
        }
    if isinstance(value, list):
        return [_short(item, depth) for item in value] if len(value) <= LONGEST else len(value)
    return value[:LONGEST_TEXT] if isinstance(value, str) else value
