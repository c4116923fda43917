"""English: words that tell what a question is about and what it proposes [J]."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simcons.languages.en_gb.nouns import name_of
from simcons.languages.topics import Act, Topic, TopicCues
from simcons.scenario.parameters import ValueDimension

_NO_LEANINGS: Mapping[ValueDimension, float] = {}
_MONEY: tuple[Act, ...] = ("spend", "save", "introduce", "curb", "keep")
_HABIT: tuple[Act, ...] = ("curb", "allow", "keep")
_ANY: tuple[Act, ...] = ("curb", "allow", "spend", "save", "introduce", "require", "keep")


def _topic(
    words: str,
    acts: tuple[Act, ...],
    leanings: Mapping[ValueDimension, float] = _NO_LEANINGS,
    *,
    kept: bool = False,
    conduct: bool = False,
) -> Topic:
    """words: beginnings of words with ``_`` for a space; a ``.`` ends a whole word."""
    beginnings = [re.escape(word[:-1]) + r"\b" if word.endswith(".") else re.escape(word) for word in words.split()]
    pattern = "|".join(beginning.replace("_", " ") for beginning in beginnings)
    return Topic(
        words=re.compile(rf"\b(?:{pattern})"),
        leanings=leanings,
        acts=frozenset(acts),
        kept=kept,
        conduct=conduct,
    )


_TOPICS: dict[str, Topic] = {
    "ages": _topic(
        "voting_age minimum_age age_limit legal_age age_of retirement_age pension_age age_for drinking_age", ("change",)
    ),
    "life_and_death": _topic(
        "abort euthanas assisted_dying assisted_suicide terminally right_to_die",
        _HABIT,
        conduct=True,
        leanings={"tradition": -0.7},
    ),
    "weapons": _topic(
        "gun. guns. knife knives firearm weapon. pistol handgun",
        _HABIT,
        conduct=True,
        leanings={"authority": -0.3, "tradition": 0.3},
    ),
    "gambling": _topic("gambl betting. lottery casino bookmaker", _HABIT, conduct=True, leanings={"authority": -0.5}),
    "substances": _topic(
        "smok tobacco cigar vape. vaping alcohol drink. drinking. pub. pubs. drug cannabis weed. marijuana heroin mushroom",
        _HABIT,
        conduct=True,
        leanings={"authority": -0.6},
    ),
    "food": _topic(
        "fast_food junk sugar salt. fizzy obes unhealthy_food takeaway ultra-processed calorie",
        _HABIT,
        conduct=True,
        leanings={"authority": -0.4},
    ),
    "animals": _topic(
        "animal zoo hunt fur. vegan vegetarian meat. livestock slaughter circus pets dog. dogs. cat. cats. badger whale",
        _HABIT,
        conduct=True,
        leanings={"environment": -0.4, "tradition": 0.3},
    ),
    "monarchy": _topic("monarch royal queen king. prince crown.", _ANY, kept=True, leanings={"tradition": 0.7}),
    "voting": _topic(
        "vote. votes. voting voter elected election elector parliament mp. mps. house_of_lords lords. referend democra politic"
        " proportional constitution prime_minister",
        _ANY,
        kept=True,
        leanings={"tradition": 0.4},
    ),
    "nations": _topic(
        "scotland. scottish wales. welsh northern_ireland devol independen",
        _ANY,
        kept=True,
        leanings={"tradition": 0.5},
    ),
    "immigration": _topic(
        "immigra migrant migration permanent_resident refugee asylum border. borders. deport citizenship",
        ("allow", "curb"),
        leanings={"openness": 0.7},
    ),
    "aid": _topic(
        "foreign_aid overseas_aid international_aid poor_countries developing_countries",
        _MONEY,
        leanings={"openness": 0.6},
    ),
    "world_trade": _topic(
        "eu. european brexit tariff china. trade foreign_direct globali import export foreign_compan international",
        (*_MONEY, "allow"),
        leanings={"openness": 0.6},
    ),
    "defence": _topic(
        "military army navy armed defence troop soldier nuclear_weapon nuclear_deterr trident nato war. wars. conscript",
        _MONEY,
        leanings={"authority": 0.6},
    ),
    "nuclear": _topic("nuclear", _ANY, leanings={"technology": 0.5, "environment": -0.2}),
    "green": _topic(
        "renewable solar wind_ turbine recycl green. tree. trees. rewild heat_pump electric_car electric_vehicle own_electricity",
        _ANY,
        leanings={"environment": 0.7},
    ),
    "pollution": _topic(
        "pollut emission carbon plastic fossil coal. oil. gas. petrol diesel fracking climate single-use flight flying airport",
        (*_HABIT, "spend"),
        leanings={"environment": -0.7},
    ),
    "cars": _topic(
        "car. cars. car- driv motor vehicle speed_limit", (*_HABIT, "spend"), leanings={"environment": -0.5}
    ),
    "transport": _topic(
        "train. trains. rail bus. buses. public_transport cycl hs2 high-speed", _MONEY, leanings={"economic": -0.3}
    ),
    "renting": _topic(
        "rent. rents. rental landlord tenant second_home", ("curb", "require"), leanings={"economic": 0.6}
    ),
    "housing": _topic(
        "hous homeless home. homes. property mortgage",
        ("spend", "introduce", "allow", "require"),
        leanings={"economic": -0.3},
    ),
    "universities": _topic(
        "universit tuition degree higher_education", ("spend", "save", "introduce"), leanings={"economic": -0.5}
    ),
    "schools": _topic(
        "school pupil teacher curriculum homework exam. exams. education",
        ("spend", "save", "introduce"),
        leanings={"economic": -0.3},
    ),
    "machines": _topic(
        "artificial_intelligence ai. robot automat genetic self-driving driverless cloning",
        (*("curb", "allow", "spend", "introduce"), "keep"),
        leanings={"technology": 0.6},
    ),
    "internet": _topic(
        "social_media internet online. mobile_phone smartphone phones. instagram facebook video_game screen_time",
        _HABIT,
        conduct=True,
        leanings={"technology": 0.5, "authority": -0.3},
    ),
    "privacy": _topic(
        "identity_card id_card cctv surveill personal_data facial encrypt fingerprint dna. privacy",
        _ANY,
        leanings={"authority": 0.6},
    ),
    "police": _topic("police stop_and_search", (*_MONEY, "allow"), leanings={"authority": 0.6}),
    "crime": _topic(
        "prison criminal. criminals. sentenc death_penalty capital_punishment punish offender jail murder",
        ("curb", "allow", "spend", "introduce"),
        leanings={"authority": 0.6},
    ),
    "speech": _topic(
        "speech offensive hate. newspaper press. journalis censor media. say_things insult blasphem publish",
        _HABIT,
        conduct=True,
        leanings={"authority": -0.5},
    ),
    "religion": _topic(
        "religio church faith burqa burka hijab muslim christian islam pray god.",
        _HABIT,
        conduct=True,
        leanings={"tradition": 0.5},
    ),
    "ownership": _topic(
        "nationali public_ownership state-owned publicly_owned",
        ("introduce", "curb", "keep"),
        leanings={"economic": -0.7},
    ),
    "welfare": _topic(
        "basic_income benefit_ benefits. welfare pension poverty unemploy food_bank universal_credit child_benefit",
        _MONEY,
        leanings={"economic": -0.6},
    ),
    "work": _topic(
        "wage worker employer employee parental_leave paid_leave maternity paternity trade_union strike. strikes. zero-hours",
        ("spend", "introduce", "require", "keep"),
        leanings={"economic": -0.6},
    ),
    "tax": _topic("tax vat. inheritance council_tax", _MONEY, leanings={"economic": -0.6}),
    "health": _topic(
        "nhs. health hospital doctor nurse patient medical vaccin gp. gps.", _MONEY, leanings={"economic": -0.5}
    ),
    "equality": _topic(
        "women. gender gay. lesbian transgender same-sex racial racis discriminat quota minorit disab",
        ("introduce", "require", "allow", "spend"),
        leanings={"tradition": -0.5, "openness": 0.3},
    ),
    "family": _topic(
        "parent child. children marriage marry married childcare nursery famil adopt. baby babies smack",
        ("spend", "save", "introduce"),
        leanings={"economic": -0.3},
    ),
    "culture": _topic(
        "arts. museum theatre music bbc. sport football olympic library libraries", _MONEY, leanings={"economic": -0.4}
    ),
}

_ACTS: tuple[tuple[Act, re.Pattern[str]], ...] = (
    ("judge", re.compile(r"\bshould (?:\w+ ){0,3}be (?:concerned|worried|proud|ashamed|grateful|happy|optimistic|"
                         r"afraid)\b")),
    ("save", re.compile(r"\b(?:spend|pay|spent) (?:\w+ )?less\b|\b(?:cut|reduc|lower|less)\w*\b.*\b(?:spending|"
                        r"funding|budget|taxe?s?|money|aid|"
                        r"subsid\w+|benefits|salar\w+|pay|size of)\b|\bless (?:money|tax|funding|aid)\b|\b(?:stop|"
                        r"end)\b (?:\w+ )?"
                        r"(?:funding|subsidi[sz]ing|spending|paying|giving|sending)\b")),
    ("change", re.compile(r"\b(?:age of|\w+ age|minimum age|age limit)\b.*\b(?:lower|rais|reduc|increas|cut\b)|"
                          r"\b(?:lower|rais|reduc|increas|cut)\w*\b.* age\b")),
    ("allow", re.compile(r"\b(?:lift|remov\w+|end|scrap|relax|loosen)\b.*\b(?:ban|restriction|limit|sanction|"
                         r"control)s?\b|"
                         r"\bunban|\bno longer be (?:illegal|banned|a crime)")),
    ("allow", re.compile(r"\b(?:legali[sz]|decriminali[sz])")),
    ("curb", re.compile(
        r"\b(?:ban(?:s|ned|ning)?|prohibit\w*|outlaw\w*|abolish\w*|scrap\w*|illegal|restrict\w*|limit\w*|cap(?:s|"
        r"ped)?|curb|cut|cuts|"
        r"reduc\w*|stop|end|phas\w+ out|get rid|discourag\w*|crack down|less|fewer|remov\w*|close|withdraw|"
        r"privati[sz]\w*|tariffs?|"
        r"oversight|regulat\w*|car-free|lower|freez\w*|rent controls?|not be allowed|against the law|leave the eu|"
        r"deport\w*|cull\w*|"
        r"break up|tougher rules|stricter rules|give up|replace|gun control)\b")),
    ("curb", re.compile(r"\b(?:is it|it is) (?:\w+ ){0,2}(?:wrong|immoral|unethical|unfair)\b")),
    ("require", re.compile(
        r"\b(?:requir\w*|forc(?:e|ed|es)|compulsory|mandatory|oblig\w*|must|made to|have to|has to|make everyone|"
        r"compel\w*|enforce)\b")),
    ("allow", re.compile(r"\b(?:allow\w*|permit\w*|legal|be able to|be free to|easier (?:to|for)|the right to|"
                         r"have (?:a|the) right|let)\b")),
    ("keep", re.compile(r"\b(?:keep|retain|remain|continue|stay|be the head of state|preserve|maintain|protect|"
                        r"still)\b")),
    ("spend", re.compile(
        r"\b(?:spend\w*|fund\w*|invest\w*|subsid\w*|financ\w*|more money|budget|for free|free|pay|paid|build\w*|"
        r"provide\w*|increase the number)\b")),
    ("introduce", re.compile(
        r"\b(?:introduc\w*|increas\w*|rais\w*|higher|more|expand\w*|creat\w*|encourag\w*|promot\w*|support\w*|"
        r"there (?:be|should be)|have an?|"
        r"establish\w*|bring back|develop\w*|nationali[sz]\w*|join|rejoin|adopt|teach|taught|use|implement\w*|"
        r"impos\w*)\b")),
    ("allow", re.compile(r"\b(?:is it|it is) (?:\w+ ){0,2}(?:right|ok|okay|acceptable|permissible|fair|justified|"
                         r"fine)\b")),
)  # fmt: skip

TOPICS = TopicCues(
    topics=_TOPICS,
    acts=_ACTS,
    aside=re.compile(r"\b(?:rather than|instead of|even if|in order to|to pay for|to fund)\b.*"),
    burdens=(
        "tax",
        re.compile(
            r"\b(?:tax|taxes|levy|duty|charge) (?:on|for)\b|\btax (?:\w+ )?(?:meat|sugar|alcohol|plastic|"
            r"flights?)\b|\bcarbon tax"
        ),
    ),
    proposes=re.compile(
        r"\b(?:should|must|ought|needs? to|(?:is it|it is) (?:\w+ ){0,2}(?:right|ok|okay|acceptable|permissible|"
        r"fair|justified|fine|good idea|time|wrong|immoral|unethical|unfair)|good idea|"
        r"it would be|would it be|would you (?:support|favour)|do you (?:support|favour)|right to (?:ban|allow|"
        r"stop|keep))\b"
    ),
    name_of=name_of,
    noun="this idea",
    frames="en_gb",
)
