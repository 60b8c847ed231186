"""Reads a regression set: YAML as `schema.SetShape` says, or a question set (TSV) whose rows are cases as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import yaml
from pydantic import ValidationError

from bot.errors import BadInputError
from bot.evaluation.question_sets import QuestionSetIsWrongError, Row, RowKind, read_question_set
from bot.evaluation.regression.cases import Case, RegressionSet, digest_of
from bot.evaluation.regression.schema import CaseShape, SetShape, Step
from bot.yaml_text import LOADER, load_yaml

SUFFIXES = (".yml", ".tsv")

_ANSWERABLE: dict[tuple[str, ...], bool] = {("answer",): True, ("not_in_policy",): False}


def read_set(path: Path) -> RegressionSet:
    """One set.

    Raises:
        BadInputError: it cannot be read, or holds what no set may hold; the message names file and line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from None
    if path.suffix != ".yml":
        return RegressionSet(path, path.stem, tuple(_cases_of(read_question_set(path))), digest_of(content))
    shape, lines = parse(path, content)
    return RegressionSet(
        path=path,
        title=shape.title,
        cases=tuple(_case(each, line) for each, line in zip(shape.cases, lines, strict=True)),
        digest=digest_of(content),
        about=shape.about,
        way=shape.way,
        is_short=shape.short,
        passing=shape.passing,
    )


def parse(path: Path, content: bytes) -> tuple[SetShape, list[int]]:
    """The shape of a YAML set and the line of each of its cases.

    Raises:
        QuestionSetIsWrongError: it is no set.
    """
    try:
        text = content.decode("utf-8")
        lines = _lines(text)
        shape = SetShape.model_validate(load_yaml(text))
    except UnicodeDecodeError:
        raise QuestionSetIsWrongError(path, 1, "not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise QuestionSetIsWrongError(path, mark.line + 1 if mark else 1, error.problem or "no YAML") from None
    except ValidationError as error:
        raise _wrong(path, lines, error) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        # A character that YAML has not, a day that no calendar has, lists in lists without end: no line is told.
        raise QuestionSetIsWrongError(path, 1, "no YAML") from None
    _check_ids(path, shape, lines)
    _check_way(path, shape, lines)
    return shape, lines


def _lines(text: str) -> list[int]:
    """Where each case begins."""
    root = yaml.compose(text, Loader=LOADER)
    if not isinstance(root, yaml.MappingNode):
        return []
    cases = next((value for key, value in root.value if key.value == "cases"), None)
    return [node.start_mark.line + 1 for node in cases.value] if isinstance(cases, yaml.SequenceNode) else []


def _wrong(path: Path, lines: Sequence[int], error: ValidationError) -> QuestionSetIsWrongError:
    fault = error.errors(include_url=False)[0]
    place = [step for step in fault["loc"] if step != "function-before[_listed()]"]
    number = place[1] if place[:1] == ["cases"] and len(place) > 1 and isinstance(place[1], int) else None
    line = lines[number] if number is not None and number < len(lines) else 1
    return QuestionSetIsWrongError(path, line, f"{'.'.join(map(str, place)) or 'the file'}: {fault['msg']}")


def _check_ids(path: Path, shape: SetShape, lines: Sequence[int]) -> None:
    seen: set[str] = set()
    for case, line in zip(shape.cases, lines, strict=True):
        if case.id in seen:
            raise QuestionSetIsWrongError(path, line, f"the id {case.id} stands twice")
        seen.add(case.id)


def _check_way(path: Path, shape: SetShape, lines: Sequence[int]) -> None:
    """What only a whole conversation can do stands in no set that is run without one."""
    if shape.way == "talk":
        return
    for case, line in zip(shape.cases, lines, strict=True):
        if any(step.press is not None for step in case.then):
            raise QuestionSetIsWrongError(path, line, "a press needs `way: talk`")


def _case(shape: CaseShape, line: int) -> Case:
    rows = [_row(shape, shape.id, line, _first_kind(shape))]
    rows += [_row(step, shape.id, line, "followup") for step in shape.then]
    return Case(shape.id, tuple(rows), shape.note, shape.source)


def _row(step: Step, case: str, line: int, kind: RowKind) -> Row:
    expects: tuple[str, ...] = tuple(step.expect)
    return Row(
        line=line,
        utterance=step.say or "",
        kind=kind,
        sections=tuple(step.sections),
        answerable=_ANSWERABLE.get(expects),
        key_facts=tuple(step.include),
        request_kinds=frozenset(map(str, step.requests)),
        is_near_miss=expects == ("not_in_policy",),
        press=step.press or "",
        case=case,
        expects=expects,
        excludes=tuple(step.exclude),
        forbidden=tuple(map(str, step.forbid)),
    )


def _first_kind(step: Step) -> RowKind:
    if step.requests:
        return "action"
    if step.expect == ["out_of_scope"]:
        return "oos"
    return "smalltalk" if step.expect == ["smalltalk"] else "qa"


def _cases_of(rows: Sequence[Row]) -> Iterator[Case]:
    """The rows of a question set, a follow-up in one case with the row above it."""
    grouped: list[list[Row]] = []
    for row in rows:
        if row.kind == "followup" and grouped:
            grouped[-1].append(row)
        else:
            grouped.append([row])
    for group in grouped:
        name = group[0].case or f"line-{group[0].line}"
        yield Case(name, tuple(replace(row, case=row.case and name) for row in group), group[0].trap)
