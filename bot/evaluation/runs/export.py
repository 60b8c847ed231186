"""A run as a file: CSV for a spreadsheet, JSON for programs, JUnit XML for whatever watches builds."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.runs.models import RegressionResult, RegressionRun
from bot.evaluation.runs.running import CaseResult

# A spreadsheet runs a cell that begins like this as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# XML 1.0 knows no other control characters, in no spelling.
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLUMNS = ("case", "question", "passed", "kinds", "wrong", "expected", "answer", "sections", "hits", "ms")


def as_csv(results: Sequence[RegressionResult]) -> bytes:
    """One line a case, with the mark by which spreadsheets know UTF-8; no cell is a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in _line(result).items()} for result in results)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_json(run: RegressionRun, results: Sequence[RegressionResult]) -> bytes:
    """The whole run."""
    told = described(run) | {
        "results": [
            {
                "case": result.case_id,
                "title": result.title,
                "passed": result.passed,
                "ms": result.ms,
                "steps": result.steps,
            }
            for result in results
        ]
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def as_junit(run: RegressionRun, results: Sequence[RegressionResult]) -> bytes:
    """One test suite; cases that were never reached are told as one error, so that nobody takes them for passed."""
    suite = TestSuite(run.set_name)
    suite.timestamp = run.started_at.isoformat(timespec="seconds")
    for name, value in described(run).items():
        suite.add_property(name, "" if value is None else str(value))
    suite.add_testcases([_test_case(run.policy, run.set_name, _Told.of(result)) for result in results])
    if run.state != "done":
        unfinished = TestCase("(the run)", f"{run.policy}.{run.set_name}", 0.0)
        unfinished.result = [Error(run.fault or run.state, run.state)]
        suite.add_testcase(unfinished)
    return _whole([suite])


def suites(policy: str, ran: Sequence[tuple[RegressionSet, Sequence[CaseResult]]]) -> bytes:
    """The same for sets that were just run and are kept nowhere."""
    found = []
    for regression_set, results in ran:
        suite = TestSuite(regression_set.name)
        told = (_Told(each.case, each.passed, each.ms, each.steps) for each in results)
        suite.add_testcases([_test_case(policy, regression_set.name, each) for each in told])
        found.append(suite)
    return _whole(found)


def described(run: RegressionRun) -> dict[str, Any]:
    """What the run was about, for every format."""
    return {
        "run": run.id,
        "set": run.set_name,
        "set_digest": run.set_digest,
        "policy": run.policy,
        "version": run.version,
        "subject": run.subject,
        "subject_digest": run.subject_digest,
        "release": run.release,
        "model": run.model,
        "index": run.index_release,
        "code": run.code,
        "state": run.state,
        "green": run.is_green,
        "cases": run.cases,
        "done": run.done,
        "passed": run.passed,
        "started_by": run.started_by,
        "started_at": run.started_at.isoformat(),
        "ended_at": None if run.ended_at is None else run.ended_at.isoformat(),
    }


def _line(result: RegressionResult) -> dict[str, object]:
    steps = result.steps
    return {
        "case": result.case_id,
        "question": "\n".join(step["say"] or f"[{step['press']}]" for step in steps),
        "passed": "yes" if result.passed else "no",
        "kinds": " / ".join(step["kind"] for step in steps),
        "wrong": "\n".join(words for step in steps for words in step["wrong"]),
        "expected": "\n".join(words for step in steps for words in step["expected"]),
        "answer": "\n----\n".join(step["text"] for step in steps),
        "sections": " ".join(dict.fromkeys(each["section"] for step in steps for each in step["citations"])),
        "hits": " ".join(hit["section"] for step in steps for hit in step["hits"]),
        "ms": result.ms,
    }


@dataclass(frozen=True)
class _Told:
    """What a test case says of one of ours, kept or not."""

    case: str
    passed: bool
    ms: float
    steps: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, result: RegressionResult) -> _Told:
        return cls(result.case_id, result.passed, result.ms, result.steps)


def _test_case(policy: str, set_name: str, told: _Told) -> TestCase:
    case = TestCase(told.case, f"{policy}.{set_name}", round(told.ms / 1000, 3))
    if not told.passed:
        wrong = "; ".join(words for step in told.steps for words in step["wrong"])
        failure = Failure(_NO_XML.sub("", wrong), "regression")
        answers = (f"{step['say'] or step['press']}\n→ {step['text']}" for step in told.steps)
        failure.text = _NO_XML.sub("", "\n\n".join(answers))
        case.result = [failure]
    return case


def _whole(found: Sequence[TestSuite]) -> bytes:
    whole = JUnitXml("madoguchi")
    for suite in found:
        whole.add_testsuite(suite)
    whole.update_statistics()  # type: ignore[no-untyped-call]  # the library's annotations stop here
    written: bytes = whole.tostring()  # type: ignore[no-untyped-call]  # as above
    return written


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
