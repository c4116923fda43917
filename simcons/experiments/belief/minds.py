"""Kinds of mind that are held against people, and what each makes of a statement from a person's own opinion alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simcons.analysis.belief.correlations import HeldOut
from simcons.analysis.belief.minds import Judged
from simcons.arrays import Bools
from simcons.engines.acts import run_act
from simcons.engines.base import Engine
from simcons.engines.local.learnt import Learnt
from simcons.engines.scores import score_request
from simcons.experiments.belief.hearing import Heard
from simcons.languages.language import Language
from simcons.population.minds.appraisal import appraise, prepare
from simcons.population.minds.elicitation import Item, elicit
from simcons.population.minds.heard import conviction_heard
from simcons.population.minds.prompts import (
    MindTemplates,
    RatingQuestion,
    Told,
    load_templates,
    rating_prompt,
    shown_scale,
)
from simcons.population.minds.voices import Voices
from simcons.questions.own import comparable
from simcons.scale import SCALES, Scale
from simcons.scenario.minds import LatentMindSettings, LlmMindSettings

if TYPE_CHECKING:
    import pandas as pd

_ENGINE = "mind"


# --- latent --------------------------------------------------------------------------------------------------------


def latent(heard: Sequence[Heard | None], scale: str) -> Judged:
    """What the latent mind of somebody who holds what was heard in the opinion makes of each statement, 1 to 7.

    NaN where nothing was heard. Whose opinions the statement was made of is not known: each of its points counts as somebody's,
    and one that the rater made too as their own. It has learnt from nobody.
    """
    of, mind = SCALES[scale], LatentMindSettings()
    appraisals = [np.nan if one is None else _appraisal(one, of, mind) for one in heard]
    return Judged(np.array(appraisals), _all(len(heard)))


def _all(n_rows: int) -> dict[HeldOut, Bools]:
    """The rows that somebody who has learnt from nobody has not seen."""
    everywhere = np.ones(n_rows, dtype=bool)
    return {"raters": everywhere, "questions": everywhere}


def _appraisal(heard: Heard, scale: Scale, mind: LatentMindSettings) -> float:
    question, opinion = heard.question, heard.opinion
    text = prepare(
        heard.text,
        heard.statement,
        question=question,
        voices=Voices(dict.fromkeys(range(len(question.claims)), 1), None),
        of_group=False,
        copied=0.0,
        scales=(scale,),
        seed=0,
    )
    own = {mention.claim for mention in opinion.mentions if mention.polarity > 0}
    conviction = conviction_heard(question, opinion, mind)
    return appraise(conviction, text, own_claims=own, mind=mind, scales=(scale,))[scale]


# --- fitted --------------------------------------------------------------------------------------------------------


def fitted(engine: Engine, learnt: Learnt, rows: pd.DataFrame) -> Judged:
    """The ratings that a reward model predicts for the author of each opinion, NaN where texts are too long for it.

    Raises EngineError.
    """
    numbered = rows.assign(row=np.arange(len(rows)))
    groups = [some for _, some in numbered.groupby(["question", "opinion"], sort=False)]
    requests = [
        score_request(_ENGINE, some["question"].iloc[0], some["opinion"].iloc[0], list(dict.fromkeys(some["text"])))
        for some in groups
    ]
    predicted = np.full(len(rows), np.nan)
    for some, request, reply in zip(groups, requests, engine.complete(requests), strict=True):
        scores = dict(zip(request.choices, reply.scores, strict=True)) if reply.scores else {}
        said = [scores.get(text) for text in some["text"]]
        predicted[some["row"].to_numpy()] = [np.nan if score is None else score for score in said]
    return Judged(predicted, _unseen(learnt, rows))


def _unseen(learnt: Learnt, rows: pd.DataFrame) -> dict[HeldOut, Bools]:
    """People not seen are those whose opinion was not learnt from, on questions that were; all, where nothing was learnt."""
    if not learnt.questions:
        return _all(len(rows))
    questions = {comparable(question) for question in learnt.questions}
    known = np.array([comparable(question) in questions for question in rows["question"]], dtype=bool)
    new_people = ~np.array(learnt.knows(rows["opinion"]), dtype=bool)
    return {"raters": known & new_people, "questions": ~known}


# --- played by a language model ------------------------------------------------------------------------------------


def played(engine: Engine, learnt: Learnt, rows: pd.DataFrame, language: Language, scale: str) -> Judged:
    """What a language model answers in the place of somebody of whom it is told their opinion and nothing else: the mean of its
    answers 1 to 7, NaN where it gave none. It is asked as the language-model mind asks. Raises EngineError.
    """
    mind = LlmMindSettings(kind="llm", engine=_ENGINE)
    templates, of = load_templates(mind), SCALES[scale]
    items = [
        _item(
            Told((), row.question, row.position_statement or "", opinion=row.opinion), row.text, templates, language, of
        )
        for row in rows.assign(position_statement=rows["position_statement"].fillna("")).itertuples()
    ]
    elicited = run_act(elicit(items, mind, language, seed=0), {_ENGINE: engine})
    answers = [np.nan if one.value is None else one.value for one in elicited]
    return Judged(np.array(answers), _unseen(learnt, rows))


def _item(told: Told, text: str, templates: MindTemplates, language: Language, scale: Scale) -> Item:
    asked = RatingQuestion(scale.name, scale, text)
    return Item(
        asked.act,
        (told.question, told.opinion or "", text),
        shown_scale(scale, language),
        lambda options: rating_prompt(templates, told, language, asked, options=options),
    )
