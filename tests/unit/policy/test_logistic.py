from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from bot.policy import logistic
from bot.policy.answerability import Evidence, answerability
from bot.policy.logistic import sigmoid
from bot.policy.statedness import Signs, statedness

DATA = Path(logistic.__file__).parent / "data"


@pytest.mark.parametrize(("name", "signs"), [("answerability", Evidence), ("statedness", Signs)])
def test_every_sign_has_one_weight(name: str, signs: type[Evidence | Signs]) -> None:
    weights = yaml.safe_load((DATA / f"{name}.yml").read_text(encoding="utf-8"))
    assert list(weights) == ["bias", *(field.name for field in fields(signs))]


def test_a_near_sentence_on_a_matter_of_the_desk_is_likelier_than_a_far_one_on_another() -> None:
    matter = answerability(Evidence(cosine=0.92, found=1.0, unknown=0.0, topic=0.8, read=2.0))
    other = answerability(Evidence(cosine=0.80, found=0.0, unknown=1.0, topic=-0.8, read=-3.0))
    assert other < 0.05
    assert matter > 0.95


def test_a_wanted_fact_that_stands_nowhere_makes_it_less_likely() -> None:
    stated = Signs(thing_missing=0, value_missing=0, beside=0, far=0, said=3, read=1)
    missing = Signs(thing_missing=0, value_missing=1, beside=0.9, far=2, said=3, read=1)
    assert statedness(missing) < 0.3 < statedness(stated)


def test_what_the_reader_takes_for_no_answer_is_less_likely_to_be_stated() -> None:
    sure, unsure = (Signs(thing_missing=0, value_missing=0, beside=0, far=0, said=3, read=read) for read in (4, -4))
    assert statedness(unsure) < 0.3
    assert statedness(sure) > 0.8


def test_a_logit_is_a_sigmoid() -> None:
    assert sigmoid(0) == 0.5
    assert sigmoid(-3) == pytest.approx(1 - sigmoid(3))
    assert sigmoid(3) > 0.9
