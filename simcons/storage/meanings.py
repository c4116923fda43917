"""The meaning of every column of a run folder, in a sentence: the source of `simcons codebook` and docs/codebook.md."""

from __future__ import annotations

from collections.abc import Mapping

_ROUND = "The round."
_PERSON = "The person, by the same id in all tables."
_STATEMENT = "The statement."
_TRUE_SCALE = "On the scale of the ratings but without its bounds: values below 1 and above 7 occur."

# Said of a column that is not in every run.
WHERE_ASKED = " Only where participants.scales in the scenario has it."

# Where several tables have a column of one name and it means the same, it stands here once.
SHARED: Mapping[str, str] = {
    "session_id": "The group's session.",
    "round_id": _ROUND,
    "participant_id": _PERSON,
    "candidate_id": _STATEMENT,
    "opinion_id": "The opinion.",
    "launch": "Which launch of the study recruited them, from 0; it is launched again until it has its groups.",
    "at": "When the answer was given.",
    "seconds": "How long the person took over it.",
    "missing": "Why there is no answer; missing where there is one.",
    "pass_index": "1 for the first rating of a statement, 2 for the second.",
    "tokens_in": "Tokens of the prompts; missing where no language model was asked.",
    "tokens_out": "Tokens of the replies; missing where no language model was asked.",
}

TABLE_MEANINGS: Mapping[str, str] = {
    "participants": "One row per recruited person: demographics as surveyed, how it ended, what they were paid.",
    "sessions": "One row per group that met.",
    "rounds": "One row per question discussed by one group.",
    "screens": "One row per screen seen by one person, from entering to leaving it.",
    "positions": "One row per person, round and moment: agreement with the position statement.",
    "opinions": "One row per opinion as it was submitted.",
    "candidates": "One row per statement: sampled by a mediator, shown or not, or another member's opinion put to the vote.",
    "samples": "One row per sample that a mediator asked of a language model, and its outcome.",
    "selections": "One row per arm and statement that it picked, and why. A statement picked by several arms is rated once.",
    "failed_selections": "One row per arm and time that it picked nothing, as a rule of the user's own failed.",
    "scores": "One row per score: the agreement that a scorer predicted for the author of one opinion with one statement.",
    "ratings": "One row per person, statement and pass: what was answered on each scale.",
    "rankings": "One row per person and statement, in scenarios in which people rank the statements: its place among them.",
    "mediations": "One row per round's call to the mediator, on the simulated clock.",
    "truth/personas": "One row per participant: traits that nobody could survey.",
    "truth/positions": "One row per person and round: what the person really holds on the position statement.",
    "truth/opinions": "One row per opinion: what it was meant to say.",
    "truth/appraisals": "One row per person and statement, shown or not: what the person really thinks of it.",
    "truth/elicitations": "One row per question put to a language model that plays a person, and its answer after retries.",
    "truth/fidelity": "One row per opinion by a language model: does it say what the person holds, as the reader finds?",
    "truth/oracle_scores": "One row per score that is a true appraisal; used by arms that see the truth alone.",
    "telemetry/engines": "One row per stretch of an engine's work in wall time, about half a second. Differs each run.",
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "participants": {
        "session_id": "The session they were put in; missing for those who never came to one.",
        "outcome": "How it ended for them.",
        "recruited_at": "When they were recruited.",
        "arrived_at": "When they opened the study; missing for those who did not show up.",
        "left_at": "When they were last there; missing for those who did not show up.",
        "sex": "As the population's margins have it.",
        "age": "In years.",
        "ethnicity": "Ethnic group, as the population's margins have it.",
        "region": "Region of the United Kingdom, or what the population's margins have.",
        "education": "Highest qualification, as the population's margins have it.",
        "work": "`employed`, `self_employed`, `student`, `retired`, `at_home` (or long-term sick) or `unemployed`.",
        "children": "Has, or has had, children.",
        "table_row": "Their row in the table that the population is (`kind: table`), from 1; missing for other populations.",
        "paid_seconds": "Time that counts for pay by the hour, by the scenario's rules on those who leave or are turned away.",
        "pay_gbp": "What the person gets in all: for time, for the session, for screens answered, and as a bonus.",
        "fee_gbp": "What the recruitment platform takes on top.",
        "vat_gbp": "Value added tax on the fee.",
    },
    "sessions": {
        "group_size": "Members at the beginning.",
        "started_at": "When the group was formed.",
        "ended_at": "When the last member had left.",
        "outcome": "Whether the group got to the end, or became too small to go on.",
        "n_rounds": "Rounds of which the group went through all stages.",
        "n_members_left": "Members who were still there at the end.",
    },
    "rounds": {
        "round_index": "Place in the session, from 0.",
        "question_id": "The question, as in its bank or file.",
        "topic": "The question's topic.",
        "split": "The part of the bank that the question belongs to: for training, or one of the tests.",
        "question": "The question as it was asked.",
        "position_statement": "The statement that everybody rated before writing: the question's yes.",
        "started_at": "When the first member came to the round.",
        "opinions_at": "When the last opinion was in; missing if the round did not get there.",
        "slate_at": "When the statements were shown; missing if the round did not get there.",
        "ended_at": "When the round was over.",
        "n_opinions": "Opinions that were submitted.",
        "complete": "Whether the group went through all its stages.",
    },
    "screens": {
        "session_id": "The session; missing for screens before a group was formed.",
        "round_id": "The round; missing for screens outside rounds.",
        "screen": "Which screen.",
        "candidate_id": "The statement that was rated on it; missing for other screens.",
        "pass_index": "1 for the first rating of a statement, 2 for the second; missing for other screens.",
        "entered_at": "When the person came to the screen.",
        "left_at": "When the person left it.",
        "timed_out": "Whether the time limit took the person off it.",
    },
    "positions": {
        "moment": "before: asked before anything else of the round; after: once more at its end, in scenarios with that stage.",
        "rating": "Agreement with the position statement, with the noise that ratings have; missing if not given.",
    },
    "opinions": {
        "text": "What was submitted.",
        "n_words": "Words of the text.",
        "at": "When it was submitted.",
        "cut_short": "Whether the time limit came before the writer was done.",
    },
    "candidates": {
        "source": "Whether a mediator wrote it, or it is a member's opinion put to the vote.",
        "generator": "The first arm with this generator, for arms with the same one share its statements; missing for opinions.",
        "omitted": "How many opinions were left out, unsaid, before it was written; missing for opinions.",
        "opinion_ids": "The opinions it was made from; its own where source is opinion.",
        "author_id": "Who wrote it, where source is opinion; otherwise missing.",
        "sample": "Which of the generator's samples it is, from 0; missing for opinions.",
        "text": "The statement.",
        "shown": "Whether the group saw and rated it.",
        "slate_place": "Its place among the statements shown, from 1, before each person's own order; missing if not shown.",
        "truncated": "Whether the language model ran out of tokens.",
    },
    "samples": {
        "generator": "The first arm that has this generator; arms with the same one share its samples.",
        "omitted": "How many opinions were silently left out.",
        "sample": "Which of the samples asked for it is, from 0.",
        "candidate_id": "The statement that it became; missing where no attempt gave a usable text.",
        "same_text_as": "The first statement of these samples that has the same text, where there is one before it.",
        "attempts": "How often the model was asked for it; 1 for a pipeline.",
        "missing": "Why there is no statement; missing where there is one.",
        "raw": "The last reply, where it could not be used; of a pipeline, what went wrong.",
        "reasoning": "What the model wrote for itself before its text; nobody was shown it.",
    },
    "selections": {
        "arm": "The mediator under comparison.",
        "upper_bound": "Whether the arm saw true appraisals: an upper bound, not a mediator that could be used.",
        "omitted": "How many opinions were left out before the arm's statements were written.",
        "pick": "Place of this statement among those the arm picked, from 1 for the best.",
        "rule": "The social welfare function that ranked the statements, a function of a user's own as file.py:name; missing"
        " where nothing was ranked.",
        "alpha": "Inequality aversion of the isoelastic rule: 0 utilitarian, 1 Nash, inf Rawlsian; missing for other rules.",
        "utility_map": "How scores became utilities, which changes who wins.",
        "welfare": "The statement's welfare: in utilities if isoelastic, share who approve for approval, mean number of"
        " statements put below for borda, what a function of a user's own returned; missing where the rule gives an order alone."
        " Of a pipeline's choice, its own score.",
        "n_tied": "Statements that share its place under the rule; 1 if there was no tie.",
        "tie_rule": "What breaks ties.",
        "decided_by": "The participant whose predicted order broke the tie, under random_ballot; otherwise missing.",
        "redraws": "How often a random ballot was drawn again because the statement drawn had been picked already.",
    },
    "failed_selections": {
        "arm": "The mediator under comparison.",
        "omitted": "How many opinions were left out before the arm's statements were written.",
        "rule": "The function, as file.py:name.",
        "why": "What it raised or returned, and for which utilities.",
    },
    "scores": {
        "opinion_id": "The opinion whose author's agreement was predicted.",
        "participant_id": "The author of the opinion.",
        "scorer": "The scorer that predicted it, by its name in the scenario.",
        "score": "Predicted agreement, on the scale 1-7; missing where the scorer came to none.",
    },
    "ratings": {
        "place": "Place of the statement in the order that this person saw, from 1.",
        "answers": "{meaning}; missing if not given.{where}",
    },
    "rankings": {
        "rank": "1 for the best; ties share the lower number, as in 1, 2, 2, 4. Missing if not given.",
        "place": "Place of the statement in the order that this person saw, from 1.",
        "at": "When the ranking was given: the same for all of a person's statements in a round.",
        "seconds": "How long the person took over the whole ranking.",
    },
    "mediations": {
        "submitted_at": "When the last opinion had come and the mediator was asked.",
        "needed_at": "When the statements could be shown.",
        "queued_seconds": "How long the call waited for a free server of the mediator, where the scenario has so many.",
        "n_requests": "Requests to language models, those of pipelines too.",
        "tokens_in": "Tokens of the prompts.",
        "tokens_out": "Tokens of the replies.",
    },
    "truth/personas": {
        "persona_id": "Number of the persona in the population that was drawn.",
        "economic": "Position from left (negative) to right, in standard deviations of the public.",
        "authority": "Position from libertarian (negative) to authoritarian, in standard deviations of the public.",
        "environment": "Position from growth first (negative) to protection, in standard deviations of the public.",
        "openness": "Position from closed (negative) to open to the world, in standard deviations of the public.",
        "tradition": "Position from change (negative) to tradition, in standard deviations of the public.",
        "technology": "Position from wary (negative) to keen on new technology, in standard deviations of the public.",
        "noise": "Standard deviation of the person's rating noise, in points.",
        "acquiescence": "How far above their view the person rates, in points.",
        "extremity": "Factor on the distance of rating thresholds from the middle: below 1, the ends of the scale are used more.",
        "carelessness": "How the person answers without reading; none for one who reads. One may stop caring later.",
        "careless_from_at": "When the person was careless from; missing for those who never were.",
    },
    "truth/positions": {"position": f"What the person really holds on the position statement. {_TRUE_SCALE}"},
    "truth/opinions": {
        "stance": "Where the writer comes down; missing for a careless answer.",
        "stated": "The opinion says so; false where that is left to its reasons.",
        "claims": "The points that were meant, by their ids in the question's bank.",
        "denied": "Points of the bank that it was meant to deny.",
        "careless": "Whether the writer did not care.",
        "attack": "What a hostile writer tried on the mediator; missing for everybody else.",
        "honest_text": "The text without the attack.",
    },
    "truth/appraisals": {
        "values": f"{{meaning}}, in truth; missing where a language model gave no answer. {_TRUE_SCALE}{{where}}",
    },
    "truth/elicitations": {
        "about": "What was asked for: position, opinion, or the scale that a statement was judged on.",
        "candidate_id": "The statement that was judged; missing for positions and opinions.",
        "value": "The answer on the scale 1-7, which may lie between its points; missing if there was none.",
        "spread": "Standard deviation of the model's own distribution over the seven answers; missing where it gave one answer.",
        "mass": "Share of the model's probability that fell on the seven answers together; missing where it gave one answer.",
        "listed": "Whether the options were listed from 1 up or from 7 down; missing where none were listed.",
        "attempts": "Requests that it took.",
        "raw": "A reply that could not be used, or the free text that was; otherwise missing.",
        "reasoning": "What the model wrote for itself before its answer.",
    },
    "truth/fidelity": {
        "verdict_read": "The verdict that the reader finds in the text, from -1 against to 1 for; missing if it finds none.",
        "sides_with_position": "Whether that is the writer's side; missing near the middle, or where no verdict was found.",
        "n_told": "Claims that the model was told the person makes.",
        "n_said": "Those of them that the reader finds in the text.",
        "n_contradicted": "Claims in the text that the person holds the other way.",
    },
    "truth/oracle_scores": {
        "opinion_id": "The opinion by whose author the appraisal is.",
        "participant_id": "The author of the opinion.",
        "scorer": "The scorer, which saw the truth, by its name in the scenario.",
        "score": f"True agreement. {_TRUE_SCALE}",
    },
    "telemetry/engines": {
        "engine": "The engine's name in the scenario.",
        "began_wall": "Beginning of the stretch, since the program began the study or resumed it.",
        "ended_wall": "End of the stretch, since the program began the study or resumed it.",
        "busy_seconds": "Time at work within the stretch.",
        "n_replies": "Replies that came.",
        "largest_batch": "Requests that the engine had at a time, at most.",
        "waiting": "Requests for the engine, at the end of the stretch, that it did not have yet.",
        "under_way": "Requests that the engine was at work on, at the end of the stretch.",
        "tokens_in": "Tokens read.",
        "tokens_out": "Tokens written.",
    },
}

MEASURES: Mapping[str, str] = {
    "agreement, quality, represented": (
        "Ratings from 1 to 7 of one statement. By arm: the mean over all its ratings, both passes; favourable is the "
        "share of 5 or more. The unit "
        "of the 95% interval is the group: it comes from what the mean is without one group at a time, with Student's t."
    ),
    "divisive": (
        "A round is divisive when at least one member rates its position statement above 4 and another below."
    ),
    "retest": (
        "How people who rate the same statement twice agree with themselves: the share of pairs with the same "
        "answer, the share at most one point apart, and Pearson's r over all pairs."
    ),
    "true agreement, true position": (
        "What a person holds before rating noise and rounding. It has no bounds: values below 1 and above 7 "
        "occur, and so do differences of more than 6."
    ),
    "left out": ("People whose opinion a statement was not made from, in scenarios that leave opinions out."),
    "upper bound": (
        "An arm that saw true appraisals, or knew which words are an attack. It shows what could be had, and "
        "cannot be used."
    ),
    "waiting": ("Share of the time in sessions that people spent waiting for others and for statements."),
    "SD, within, own": (
        "How far a language model's answers spread: over all, over people on one question or statement, and "
        "in the model's own distribution over the seven answers."
    ),
    "mass": (
        "Share of a language model's probability that fell on the seven answers. Where it is low, the model "
        "wanted to say something else."
    ),
    "first option": (
        "Mean answer where options were listed from 7 down, less that where they were listed from 1 up. It is "
        "0 for a model that reads them all."
    ),
    "the hostile, the others": (
        "True agreement with an arm's statements less that with its honest twin's, which did not see the "
        "attacks: of hostile members, and of everybody else in their rounds."
    ),
}
