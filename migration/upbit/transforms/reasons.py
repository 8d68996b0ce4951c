"""Why rows need review and why settings stayed as they were: the codes that are kept, in words."""

from __future__ import annotations

from core.base.text import Text, translate

REASONS = {
    "blob": translate("migration", "It holds bytes where a text was expected"),
    "duplicate": translate("migration", "The same strategy stands in another table already"),
    "id_taken": translate("migration", "Another strategy has its id already"),
    "malformed_json": translate("migration", "Its JSON cannot be read"),
    "no_condition": translate("migration", "The condition that it names does not exist"),
    "no_id": translate("migration", "It has no id"),
    "no_name": translate("migration", "It has no name"),
    "no_operator": translate("migration", "It has no operator to compare with"),
    "no_role": translate("migration", "It has no role: entry, exit or management"),
    "no_strategy": translate("migration", "It belongs to no strategy"),
    "no_variable_id": translate("migration", "It names no variable"),
    "no_variable_params": translate("migration", "It says nothing of its condition"),
    "not_a_rule": translate("migration", "It is no rule that is known"),
    "repeated_link": translate("migration", "The strategy has this condition already"),
    "not_text": translate("migration", "It holds text that cannot be decoded"),
}
"""By the codes of `migration_review`."""
REMARKS = {
    "not_a_number": translate("migration", "it should be a number and is none"),
    "not_json": translate("migration", "it should be JSON and is none"),
    "other_columns": translate("migration", "the table has other columns than expected"),
    "today_differs": translate("migration", "today's table has another value, which stays"),
}
"""By the codes of `migration_setting_remarks`."""


def reason_text(code: str) -> Text | None:
    """Return why a row needs review; None for a code of another console."""
    return REASONS.get(code)


def remark_text(place: str, row: int, code: str) -> Text:
    """Return why the value at *place* was not normalised."""
    return translate(
        "migration",
        "{place}, row {row}: {why}",
        place=place,
        row=row,
        why=REMARKS.get(code, code),
    )
