"""What is looked at before a deployment.  All of it runs, whatever else fails."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

from core.base.config.models import Settings
from core.base.files import nearest_folder
from core.base.folders import Use, scratch_folder
from core.base.model import Strict
from core.base.operation import Context, OperationError
from core.base.text import Finding, Text, translate, worst_of
from core.monitoring.probes.program import may_lose_data
from core.program.models import Launch
from core.program.release import Pointer
from core.release.artefact import Found
from core.release.config import DeploymentConfig, data_folder
from core.release.environment import (
    Broken,
    Interpreter,
    read_requirements,
    resolve,
    wheelhouse_problem,
)
from core.release.models import CheckResult, CheckState
from core.release.releases import requirements_of
from core.release.watch import ObservedDatabase
from core.switchover.way_back.room import Need, check_room, needs_of_return

MAX_BYTES = 64 * 1024 * 1024
PROPERTY = "artefact"


class TestResults(Strict):
    """What a JUnit file says."""

    __test__ = False  # not a test, whatever pytest makes of the name

    tests: int
    failures: int
    skipped: int
    artefacts: tuple[str, ...]
    """The values of the properties called `artefact`."""
    written: datetime


def read_junit(path: Path) -> TestResults:
    """Return what the JUnit file at *path* says; raises `ValueError`, `OSError`."""
    status = path.stat()
    if status.st_size > MAX_BYTES:
        raise ValueError("it is larger than 64 MB")
    text = path.read_bytes()
    # Entities are how an XML file makes a reader run out of memory; JUnit files have none.
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError("it defines a document type")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    if root.tag not in {"testsuite", "testsuites"}:
        raise ValueError("it is no JUnit file")
    cases = list(root.iter("testcase"))
    bad = [case for case in cases if any(child.tag in {"failure", "error"} for child in case)]
    return TestResults(
        tests=len(cases),
        failures=len(bad),
        skipped=sum(1 for case in cases if case.find("skipped") is not None),
        artefacts=tuple(
            str(one.get("value", ""))
            for one in root.iter("property")
            if one.get("name") == PROPERTY
        ),
        written=datetime.fromtimestamp(status.st_mtime).astimezone(),
    )


def is_old(results: TestResults, now: datetime, hours: float) -> bool:
    """Whether the results are older than *hours*, or from the future."""
    age = now - results.written
    return age > timedelta(hours=hours) or age < timedelta(minutes=-5)


def is_of(results: TestResults, names: Collection[str | None]) -> bool:
    """Whether the results are of an artefact with one of *names* (its hash, its commit)."""
    return any(name is not None and name in results.artefacts for name in names)


MB = 1024 * 1024
FIXED = frozenset({"artefact", "python", "dependencies", "directories", "disk_space"})
"""Checks without which a deployment cannot end well: no reason overrides them."""
ENVIRONMENT_BYTES = 40 * MB
"""About what an empty environment with its tool's leavings takes."""


@dataclass(frozen=True)
class Subject:
    """What the checks look at; a failure stands in the place of what could not be found."""

    settings: Settings
    config: DeploymentConfig
    now: datetime
    found: Found | OperationError
    interpreter: Interpreter | OperationError
    live: tuple[ObservedDatabase, ...] | OperationError
    pending: tuple[str, ...] | OperationError | None
    """Pending migrations; None: nobody knows."""
    pointer: Pointer | None
    launch: Launch | None
    """How what runs now would be started again."""


Check = Callable[[Context, Subject], CheckResult]


def passed(evidence: Text) -> CheckResult:
    """Return a check that went well; `named` says which."""
    return CheckResult(state=CheckState.OK, evidence=evidence, remedy=nothing_to_do())


def nothing_to_do() -> Text:
    """Return the remedy of what is as it should be."""
    return translate("deployment", "Nothing has to be done.")


def found_wrong(evidence: Text, remedy: Text, state: CheckState = CheckState.FAILED) -> CheckResult:
    """Return a check that did not go well."""
    return CheckResult(state=state, evidence=evidence, remedy=remedy)


def skipped(why: Text) -> CheckResult:
    """Return a check that does not apply."""
    return CheckResult(state=CheckState.SKIPPED, evidence=why, remedy=nothing_to_do())


def of_error(error: OperationError) -> CheckResult:
    """Return the check that could not be made because of *error*."""
    return found_wrong(error.happened, error.to_do)


def no_release() -> CheckResult:
    """Return the check that needs the release, which was not found."""
    return skipped(translate("deployment", "Without a release it cannot be looked at."))


def named(name: str, result: CheckResult) -> CheckResult:
    """Return *result* as that of check *name*, and whether a reason may override it."""
    may = result.open and name not in FIXED
    return result.model_copy(update={"name": name, "overridable": may})


def artefact(context: Context, subject: Subject) -> CheckResult:
    """Whether the release is there and is the one that was meant."""
    found = subject.found
    if isinstance(found, OperationError):
        return of_error(found)
    wanted = subject.config.artefact.sha256
    if wanted is not None and wanted != found.artefact.digest:
        return found_wrong(
            translate("deployment", "Its hash is {found}, and {wanted} is configured.",
                      found=found.artefact.digest, wanted=wanted),
            translate("deployment", "Get the release again, or correct artefact.sha256."),
        )  # fmt: skip
    return passed(
        translate("deployment", "{version}: {files} files, {size_bytes}, SHA-256 {digest}.",
                  version=found.artefact.version, files=len(found.files),
                  size_bytes=found.artefact.size, digest=found.artefact.digest),
    )  # fmt: skip


def python(context: Context, subject: Subject) -> CheckResult:
    """Whether the Python that the release needs is here."""
    found = subject.interpreter
    if isinstance(found, OperationError):
        return found_wrong(
            found.happened,
            translate("deployment", "Install that Python, or correct 'python'."),
        )  # fmt: skip
    return passed(
        translate("deployment", "Python {version} at {path}.",
                  version=found.version, path=found.path),
    )  # fmt: skip


def dependencies(context: Context, subject: Subject) -> CheckResult:
    """Whether everything that is pinned is to be had, with its hash, and agrees."""
    found, interpreter, config = subject.found, subject.interpreter, subject.config
    if isinstance(found, OperationError) or isinstance(interpreter, OperationError):
        return no_release()
    remedy = translate("deployment", "Lock the requirements anew and fill the wheelhouse.")
    path = requirements_of(config, found.root)
    package = found.root / next(iter(found.files)) if found.artefact.kind == "package" else None
    try:
        pinned = read_requirements(path) if path is not None else ()
        house = config.artefact.wheelhouse
        problem = wheelhouse_problem(context, pinned, house) if house and pinned else None
        if problem is not None:
            return found_wrong(problem, remedy)
        if not pinned and package is None:
            return passed(translate("deployment", "The release asks for none."))
        with scratch_folder(subject.settings, Use.RELEASE) as scratch:
            tool = resolve(context, interpreter, config.artefact, scratch, path, package)
    except OperationError as error:
        return found_wrong(error.happened, remedy)
    except (Broken, OSError) as error:
        return found_wrong(
            translate("deployment", "They cannot be resolved: {why}", why=str(error)), remedy,
        )  # fmt: skip
    return passed(
        translate("deployment", "{count} pinned packages resolve and agree, by {tool}.",
                  count=len(pinned), tool=tool),
    )  # fmt: skip


def migrations(context: Context, subject: Subject) -> CheckResult:
    """Whether none is pending, or they are part of this deployment."""
    pending = subject.pending
    if pending is None:
        if subject.config.migrate:
            return found_wrong(
                translate("deployment", "'migrate' is set, and nobody here can migrate."),
                translate("deployment", "Run it from the console's window or command line."),
            )
        return skipped(translate("deployment", "Nobody here knows of migrations."))
    if isinstance(pending, OperationError):
        return of_error(pending)
    if not pending:
        return passed(translate("deployment", "None is pending."))
    listed = ", ".join(pending)
    if subject.config.migrate:
        return passed(
            translate("deployment", "Part of this deployment: {names}.", names=listed),
        )
    return found_wrong(
        translate("deployment", "Pending, and not part of this deployment: {names}.",
                  names=listed),
        translate("deployment", "Run 'migrate run' first, or set 'migrate: true'."),
    )  # fmt: skip


def tests(context: Context, subject: Subject) -> CheckResult:
    """Whether this very artefact passed its tests, lately."""
    path, found = subject.config.checks.junit, subject.found
    if path is None:
        return found_wrong(
            translate("deployment", "No test results are configured."),
            translate("deployment", "Name a JUnit file in checks.junit."),
            CheckState.WARNING,
        )
    remedy = translate("deployment", "Run the tests of this release, and write their results.")
    try:
        results = read_junit(path)
    except (OSError, ValueError) as error:
        return found_wrong(
            translate("deployment", "{path} cannot be used: {why}", path=path, why=str(error)),
            remedy,
        )
    evidence = translate(
        "deployment", "{path}: {tests} tests, {failures} failed, {skipped} skipped, of {when}.",
        path=path, tests=results.tests, failures=results.failures, skipped=results.skipped,
        when=results.written,
    )  # fmt: skip
    problem = None
    if isinstance(found, OperationError):
        return no_release()
    if results.failures or not results.tests:
        problem = evidence
    elif is_old(results, subject.now, subject.config.checks.junit_max_age_hours):
        problem = translate(
            "deployment", "{evidence} That is older than {hours} hours.",
            evidence=evidence, hours=subject.config.checks.junit_max_age_hours,
        )  # fmt: skip
    elif not is_of(results, (found.artefact.digest, found.artefact.commit)):
        problem = translate(
            "deployment", "{evidence} They do not name this release ({digest}).",
            evidence=evidence, digest=found.artefact.digest,
        )  # fmt: skip
    return found_wrong(problem, remedy) if problem else passed(evidence)


def sqlite(context: Context, subject: Subject) -> CheckResult:
    """Whether the SQLite that the release will write with is new enough."""
    found = subject.interpreter
    if isinstance(found, OperationError):
        return no_release()
    wanted = subject.config.checks.sqlite_minimum
    if _version(found.sqlite) < _version(wanted):
        return found_wrong(
            translate("deployment", "SQLite {version} is older than {wanted}.",
                      version=found.sqlite, wanted=wanted),
            translate("deployment", "Run the release on a newer Python."),
        )  # fmt: skip
    if may_lose_data(found.sqlite):
        return found_wrong(
            translate("deployment",
                      "SQLite {version} can lose committed data in WAL mode when two processes "
                      "use a database at once.", version=found.sqlite),
            translate("deployment", "Run the release on a Python with SQLite 3.51.3 or newer."),
            CheckState.WARNING,
        )  # fmt: skip
    return passed(translate("deployment", "SQLite {version}.", version=found.sqlite))


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def directories(context: Context, subject: Subject) -> CheckResult:
    """Whether the folders can be made, and the data folder is the guarded one."""
    config = subject.config
    guarded = data_folder(subject.settings)
    if config.data is None or os.path.realpath(config.data) != os.path.realpath(guarded):
        return found_wrong(
            translate("deployment", "'data' is {path}, and the guarded databases lie in {guarded}.",
                      path=str(config.data), guarded=guarded),
            translate("deployment", "Let both be the same folder: 'data', or 'files' of the "
                                    "console's own settings."),
        )  # fmt: skip
    elsewhere = [
        f"{name}={value}"
        for name, value in config.environment.items()
        if name in subject.settings.program.variables.data
        and not Path(os.path.realpath(value)).is_relative_to(os.path.realpath(guarded))
    ]
    if elsewhere:
        return found_wrong(
            translate("deployment", "'environment' sets {names}, and the guarded databases lie in "
                                    "{guarded}: the release would write where nobody saves it.",
                      names=", ".join(elsewhere), guarded=guarded),
            translate("deployment", "Take it out of 'environment'."),
        )  # fmt: skip
    refused = []
    wanted = [config.releases, *(p for p in (config.data, config.logs) if p), *config.directories]
    for folder in wanted:
        place = nearest_folder(folder)
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            refused.append(str(folder))
    if refused:
        return found_wrong(
            translate("deployment", "Not permitted: {paths}.", paths=", ".join(refused)),
            translate("deployment", "Make these folders for this user, or choose others."),
        )
    missing = [str(folder) for folder in wanted if not folder.exists()]
    if missing:
        return passed(
            translate("deployment", "{count} folders can be used; to be made: {paths}.",
                      count=len(wanted), paths=", ".join(missing)),
        )  # fmt: skip
    return passed(
        translate("deployment", "{count} folders can be used.", count=len(wanted)),
    )


def disk_space(context: Context, subject: Subject) -> CheckResult:
    """Whether there is room for the release, the restore point and the way back."""
    found, config, settings = subject.found, subject.config, subject.settings
    house = config.artefact.wheelhouse
    wheels = sum(path.stat().st_size for path in house.iterdir()) if house and house.is_dir() else 0
    size = 0
    if not isinstance(found, OperationError):
        size = found.artefact.size + (found.artefact.unpacked or 0)
    release = translate("deployment", "the release and its environment")
    needs = [
        Need(config.releases, release, size + 4 * wheels + ENVIRONMENT_BYTES),
        *needs_of_return(settings, None, settings.files),
    ]
    return of_findings(check_room(needs, spare=config.checks.free_mb * MB))


def of_findings(findings: Sequence[Finding]) -> CheckResult:
    """Return the worst of *findings* as a check."""
    worst = worst_of(findings)
    if worst.state == "ok":
        return passed(worst.evidence)
    state = CheckState.FAILED if worst.state == "failed" else CheckState.WARNING
    return found_wrong(worst.evidence, worst.to_do or nothing_to_do(), state)


def override(checks: Sequence[CheckResult], reasons: Mapping[str, str]) -> tuple[CheckResult, ...]:
    """Return *checks* with those overridden that failed and have a typed reason.

    Raises `OperationError` for a reason that is empty or belongs to no check that may be.
    """
    known = {check.name: check for check in checks}
    for name, reason in reasons.items():
        check = known.get(name)
        if check is None or not reason.strip() or name in FIXED:
            raise OperationError(
                translate("deployment", "The check '{name}' cannot be overridden so.", name=name),
                data_state=translate("deployment", "Nothing was touched: what ran, runs."),
                to_do=translate("deployment", "Type a reason, for one of: {names}.",
                                names=", ".join(sorted(known.keys() - FIXED))),
            )  # fmt: skip
    return tuple(
        check.model_copy(
            update={"state": CheckState.OVERRIDDEN, "reason": reasons[check.name].strip()}
        )
        if check.state is CheckState.FAILED and check.name in reasons
        else check
        for check in checks
    )
