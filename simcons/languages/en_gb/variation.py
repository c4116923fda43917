"""English: words that stand for one another, and the ways in which people misspell. Written for simcons."""

from __future__ import annotations

from typing import get_args

from simcons.languages.text import word_set
from simcons.languages.variation import END, Swap, Variation
from simcons.scenario.parameters import Register

_REGISTERS: dict[str, frozenset[Register]] = {
    "any": frozenset(get_args(Register)),
    "casual": frozenset({"plain", "chatty"}),
    "chatty": frozenset({"chatty"}),
    "careful": frozenset({"plain", "formal"}),
    "formal": frozenset({"formal"}),
    "never": frozenset(),  # only ever replaced
}
_SUBJECTS = "i you he she it we they the a people that this there"
_MODALS = "should could might must can may will would"
_PERFECT = (
    "been got had become gone come taken made done seen given put left started turned grown always never just already"
)


def _swap(*, not_after: str = "", not_before: str = "", **ways: str) -> Swap:
    """``ways``: by register (or registers), phrases with slashes between them; those with a + are written but never replaced."""
    phrases = [(phrase, name) for name, listed in ways.items() for phrase in listed.split(" / ")]
    return Swap(
        ways={phrase.removeprefix("+"): _REGISTERS[name] for phrase, name in phrases},
        left=frozenset(phrase.removeprefix("+") for phrase, _ in phrases if phrase.startswith("+")),
        not_after=word_set(not_after),
        not_before=word_set(not_before),
    )


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """``word: other, other; word: other`` as a table."""
    entries = (entry.split(":") for entry in text.split(";"))
    return {
        " ".join(word.split()): tuple(" ".join(other.split()) for other in others.split(","))
        for word, others in entries
    }


_CONTRACTIONS = (
    _swap(any="it's", careful="it is", not_before=f"{_PERFECT} {END}", not_after="what how where that than as which"),
    _swap(any="that's", careful="that is", not_before=f"{_PERFECT} {END}", not_after="all"),
    _swap(any="there's", careful="there is", not_before=f"{_PERFECT} {END}", not_after="in on out from over up of is"),
    _swap(any="they're", careful="they are", not_before=END, not_after="than as who what where how"),
    _swap(any="you're", careful="you are", not_before=END, not_after="than as who what where how"),
    _swap(any="we're", careful="we are", not_before=END, not_after="than as who what where how"),
    _swap(any="I'm", careful="I am", not_before=END, not_after="than as who what where how"),
    _swap(any="they've", careful="they have", not_before=f"{END} to a an the no any some their more less fewer"),
    _swap(any="we've", careful="we have", not_before=f"{END} to a an the no any some our more less fewer"),
    _swap(any="you've", careful="you have", not_before=f"{END} to a an the no any some your more less fewer"),
    _swap(any="I've", careful="I have", not_before=f"{END} to a an the no any some my more less fewer"),
    _swap(any="they'll", careful="they will", not_before=END, not_after="than as"),
    _swap(any="you'll", careful="you will", not_before=END, not_after="than as"),
    _swap(any="we'll", careful="we will", not_before=END, not_after="than as"),
    _swap(any="it'll", careful="it will", not_before=END, not_after="than as"),
    _swap(any="there'll", careful="there will", not_before=END, not_after="than as"),
    _swap(casual="+they'd", careful="they would", not_before=f"{END} rather have a an the"),
    _swap(casual="+you'd", careful="you would", not_before=f"{END} rather have a an the"),
    _swap(casual="+we'd", careful="we would", not_before=f"{END} rather have a an the"),
    _swap(chatty="+it'd", careful="it would", not_before=f"{END} have"),
    _swap(casual="+I'd", careful="I would", not_before=f"{END} rather have"),
    _swap(casual="don't", careful="do not", not_before=_SUBJECTS, not_after="and"),
    _swap(casual="doesn't", careful="does not", not_before=_SUBJECTS),
    _swap(casual="didn't", careful="did not", not_before=_SUBJECTS),
    _swap(casual="isn't", careful="is not", not_before=_SUBJECTS, not_after="it that there what"),
    _swap(casual="aren't", careful="are not", not_before=_SUBJECTS, not_after="they you we"),
    _swap(casual="wasn't", careful="was not", not_before=_SUBJECTS),
    _swap(casual="weren't", careful="were not", not_before=_SUBJECTS),
    _swap(casual="won't", careful="will not", not_before=_SUBJECTS),
    _swap(casual="wouldn't", careful="would not", not_before=_SUBJECTS),
    _swap(casual="couldn't", careful="could not", not_before=_SUBJECTS),
    _swap(casual="shouldn't", careful="should not", not_before=_SUBJECTS),
    _swap(casual="haven't", careful="have not", not_before=_SUBJECTS),
    _swap(casual="hasn't", careful="has not", not_before=_SUBJECTS),
    _swap(casual="can't", careful="cannot", not_before=_SUBJECTS),
    _swap(casual="it isn't / it's not", careful="it is not", not_before=_SUBJECTS),
    _swap(casual="they aren't / they're not", careful="they are not", not_before=_SUBJECTS),
    _swap(casual="you aren't / you're not", careful="you are not", not_before=_SUBJECTS),
    _swap(casual="there isn't / there's not", careful="there is not", not_before=_SUBJECTS),
    _swap(casual="that isn't / that's not", careful="that is not", not_before=_SUBJECTS),
    _swap(any="let's", formal="let us", not_before="in out down go off get"),
    _swap(any="who's", careful="who is", not_before=_PERFECT),
    _swap(any="what's", careful="what is", not_before=f"{_PERFECT} {END}"),
    _swap(
        chatty="gonna",
        any="going to",
        not_before="the a an work school bed university college church court jail prison hospital war pot sleep waste",
    ),
    _swap(chatty="wanna", any="want to"),
)

# Where both the verb and its negation contract, the two go together: "you would" is no phrase of its own in "you would not".
_NEGATED = (
    *(
        _swap(casual=f"{who} wouldn't", careful=f"{who} would not", chatty=f"+{who}'d not", not_before=_SUBJECTS)
        for who in ("I", "you", "it", "we", "they")
    ),
    *(
        _swap(casual=f"{who} won't", careful=f"{who} will not", chatty=f"{who}'ll not", not_before=_SUBJECTS)
        for who in ("I", "you", "it", "we", "they", "there")
    ),
    *(
        _swap(casual=f"{who} haven't / {who}'ve not", careful=f"{who} have not", not_before=_SUBJECTS)
        for who in ("I", "you", "we", "they")
    ),
    _swap(casual="we're not / we aren't", careful="we are not", not_before=_SUBJECTS),
)

_AMOUNTS = (
    _swap(
        any="a lot of / lots of",
        casual="plenty of",
        chatty="loads of / tons of",
        not_after="quite such an awful not whole the hell",
    ),
    _swap(any="nearly / almost", not_after="not so"),
    _swap(any="a couple of", casual="one or two"),
    _swap(any="hardly any", careful="scarcely any", casual="barely any"),
    _swap(not_after="so very more how too", any="hardly ever / rarely", casual="almost never"),
    _swap(any="the whole", casual="the entire", not_before=f"of point thing lot time world {END}", not_after="on"),
    _swap(any="a bit", casual="+a little", not_before="of like", not_after="quite not every"),
    _swap(
        any="far more / much more / a lot more",
        chatty="+way more / +loads more",
        not_after="so too how very as that not",
    ),
    _swap(any="far less / much less", casual="a lot less", chatty="+way less", not_after="so too how very as that not"),
    _swap(
        any="far better / much better",
        casual="a lot better",
        chatty="way better",
        not_after="so too how very as that not",
    ),
    _swap(
        any="far worse / much worse", casual="a lot worse", chatty="way worse", not_after="so too how very as that not"
    ),
    _swap(
        any="far cheaper / much cheaper",
        casual="a lot cheaper",
        chatty="way cheaper",
        not_after="so too how as that not",
    ),
    _swap(
        any="far easier / much easier", casual="a lot easier", chatty="way easier", not_after="so too how as that not"
    ),
    _swap(
        any="far harder / much harder", casual="a lot harder", chatty="way harder", not_after="so too how as that not"
    ),
    _swap(any="too many", casual="far too many", never="way too many", not_after="far way not"),
)

_TIMES = (
    _swap(any="every day / each day", casual="every single day", not_after="of"),
    _swap(any="every week / each week", casual="every single week"),
    _swap(any="every month / each month", casual="every single month"),
    _swap(any="every year / each year", casual="every single year"),
    _swap(any="every time / each time", casual="every single time"),
    _swap(any="every morning / each morning"),
    _swap(any="every night / each night"),
    _swap(any="at the moment / right now / at present", casual="+just now"),
    _swap(any="these days / nowadays", formal="+today", not_after="of in all"),
    _swap(any="straight away / immediately", casual="right away"),
    _swap(any="in the end / eventually", not_before="of"),
    _swap(any="over and over", casual="again and again / time and again", formal="repeatedly", not_before="again"),
    _swap(any="until / +till"),
    _swap(any="usually / normally", casual="+mostly", formal="generally", not_after="than as"),
    _swap(any="quite often / often enough"),
    _swap(any="all day long / all day", not_before="every"),
    _swap(
        any="for years",
        casual="for years and years / for ages",
        formal="for many years",
        not_before="to in until of and",
    ),
    _swap(any="as soon as", casual="+the moment / +the minute", not_before="possible you're"),
    _swap(any="before long", casual="soon enough", formal="in due course"),
    _swap(any="sooner or later", casual="+one day", never="at some point"),
    _swap(any="from time to time / now and then", casual="every so often / now and again", formal="occasionally"),
)

_PEOPLE = (
    _swap(any="children", casual="kids", not_before="in of act"),
    _swap(any="a child", casual="a kid", not_before="in of benefit"),
    _swap(any="everyone / everybody", not_after="not", not_before="else's"),
    _swap(any="anyone / anybody", not_before="else's"),
    _swap(any="someone / somebody", not_before="else's"),
    _swap(any="no one / nobody", never="noone", not_before="else's"),
    _swap(any="everyone's / everybody's"),
    _swap(any="anyone's / anybody's"),
    _swap(any="someone's / somebody's"),
    _swap(any="older people / old people", casual="older folk", formal="elderly people"),
    _swap(any="young people / youngsters", casual="young folk", not_before="of"),
    _swap(any="teenagers", casual="teens"),
    _swap(any="local people / people locally", casual="local folk / +locals", not_before="who with and"),
    _swap(any="ordinary people", casual="normal people / ordinary folk"),
    _swap(any="working people", casual="working folk"),
    _swap(any="poor families / poorer families", casual="hard-up families", formal="less well-off families"),
    _swap(any="the rich / the wealthy", casual="the well-off", not_before="and"),
    _swap(any="rich people / wealthy people", casual="people with money"),
    _swap(any="my mum", careful="my mother", not_before="and or's"),
    _swap(any="my dad", careful="my father", not_before="and or's"),
    _swap(any="my nan / my gran", careful="my grandmother", chatty="my nana", not_before="and or"),
    _swap(any="my grandad / my grandfather"),
    _swap(casual="your mates", any="your friends", not_before="and"),
    _swap(casual="their mates", any="their friends", not_before="and"),
    _swap(any="the authorities", casual="those in charge / the people in charge"),
    _swap(any="the neighbours", casual="the people next door"),
)

_VERBS = (
    _swap(
        any="need to / have to",
        casual="have got to",
        not_after=f"i you we they {_MODALS} to never not no don't doesn't didn't all the a any of and or",
    ),
    _swap(any="needs to / has to", casual="has got to", not_after="all all that what"),
    _swap(
        any="ought to / should",
        not_before=f"not {_SUBJECTS} {END} have really never",
        not_after="why how what where who as nor neither than which they you worst",
    ),
    _swap(any="try to", casual="try and"),
    _swap(any="get rid of", casual="do away with"),
    _swap(any="getting rid of", casual="doing away with"),
    _swap(any="put up with", careful="tolerate"),
    _swap(any="look after / take care of"),
    _swap(any="looking after / taking care of"),
    _swap(any="looks after / takes care of"),
    _swap(any="make sure", careful="ensure", not_before="of"),
    _swap(any="makes sure", careful="ensures", not_before="of"),
    _swap(any="making sure", careful="ensuring", not_before="of"),
    _swap(any="start to / begin to"),
    _swap(any="starts to / begins to"),
    _swap(any="started to / began to"),
    _swap(any="seems to / appears to"),
    _swap(any="seem to / appear to"),
    _swap(
        any="go up / +rise", not_before="to in and against from your the", not_after="the a pay any another to's big no"
    ),
    _swap(any="goes up / +rises", not_before="to in and against from your the", not_after="price pay rent tax of"),
    _swap(any="going up / +rising", not_before="to in and against from prices", not_after="the a of"),
    _swap(any="buy", formal="purchase", not_before="in into out it off up time the", not_after="i don't can't cannot"),
    _swap(any="buying", formal="purchasing", not_before="in into out off up and", not_after="of"),
    _swap(any="find out", careful="discover", not_before=f"about in {END} and"),
    _swap(any="think twice about / think twice before", never="have second thoughts about"),
    _swap(
        any="pay for", formal="meet the cost of", not_after="to's", not_before=f"itself themselves it them what {END}"
    ),
    _swap(any="end up", formal="finish up", not_before="being"),
    _swap(any="carry on", casual="keep on", not_before=f"with as like regardless {END} and the just"),
    _swap(any="closing down / shutting down"),
    _swap(any="close down / shut down"),
    _swap(any="cut down on", casual="cut back on"),
    _swap(any="cost a fortune", casual="cost an arm and a leg / cost the earth", formal="cost a great deal"),
    _swap(any="costs a fortune", casual="costs an arm and a leg / costs the earth", formal="costs a great deal"),
    _swap(any="makes sense", casual="makes good sense"),
    _swap(any="stay at home", casual="stop at home / stay home", not_before="mum mums dad dads parent"),
    _swap(any="get to work", casual="get into work"),
    _swap(any="have a say", casual="get a say"),
)

_QUALITIES = (
    _swap(
        any="very",
        casual="+really / +so",
        chatty="+dead / +proper",
        formal="extremely",
        not_after="the not a isn't aren't that this",
        not_before=f"much few little same least well often very {END} far",
    ),
    _swap(any="hugely", casual="massively", formal="enormously"),
    _swap(any="completely / totally", casual="utterly", formal="entirely", not_after="not"),
    _swap(any="quicker / faster"),
    _swap(any="cheaper", formal="less expensive", not_after="far much lot way even the bit little"),
    _swap(any="expensive", casual="+dear / pricey", formal="costly", not_after="an more most less"),
    _swap(any="is hard to", careful="is difficult to", casual="is tough to"),
    _swap(any="it's hard to", careful="it is difficult to / it is hard to", casual="it's tough to"),
    _swap(any="too hard to", careful="too difficult to", casual="too tricky to"),
    _swap(
        any="big",
        formal="large",
        not_before="deal deals time brother business issue picture money names name difference part bad one",
        not_after="at a too very so as really how pretty no",
    ),
    _swap(any="huge", casual="massive / enormous", not_after="a"),
    _swap(any="tiny", casual="teeny", formal="very small", not_after="a"),
    _swap(any="bad for", formal="harmful to"),
    _swap(any="the problem / the trouble / the difficulty", not_before="of"),
    _swap(any="the chance to / the opportunity to"),
    _swap(
        any="problems",
        careful="difficulties",
        casual="+issues / +trouble",
        not_before="with are were that which",
        not_after="the these two more other many few mental health money",
    ),
    _swap(
        any="money",
        casual="cash",
        not_before="is on for's laundering",
        not_after="public pocket big old new of no little your my their our the",
    ),
    _swap(any="taxpayers' money / public money", casual="taxpayers' cash / our taxes"),
    _swap(any="happy to / glad to"),
    _swap(any="a waste of money", casual="money down the drain", not_after="such"),
    _swap(any="a waste of time", casual="a complete waste of time", not_after="such"),
    _swap(any="in the first place", casual="to begin with / to start with"),
    _swap(any="as well", casual="+too", not_before="as to", not_after="just might"),
    _swap(any="instead of / rather than", not_after="prefer"),
    _swap(any="such as", casual="+like"),
    _swap(any="for example / for instance"),
    _swap(any="as long as / so long as", casual="+provided", not_after="for"),
    _swap(any="even though / although", casual="+though"),
    _swap(any="while", formal="whilst", not_after="a the worth every some long", not_before=END),
    _swap(any="among", formal="amongst"),
    _swap(any="sort of / kind of", not_after="a the this that some any what every"),
    _swap(any="perhaps / maybe"),
    _swap(
        any="for good",
        casual="for ever",
        formal="permanently",
        not_before="reason reasons people food and measure schools jobs",
        not_after="force",
    ),
    _swap(any="all over the country / up and down the country", formal="throughout the country"),
    _swap(any="round here / +where I live", never="around here"),
    _swap(any="on the telly", careful="on television", never="on tv"),
    _swap(
        any="supermarkets",
        casual="the supermarkets / the big supermarkets",
        not_after="the our from big of other and these to by most all",
    ),
    _swap(any="councils", formal="local authorities", not_after="the most some many our"),
    _swap(
        any="hospitals",
        casual="our hospitals",
        not_after="the our and of other busy local big nearby these most some where private",
    ),
    _swap(any="rules", careful="regulations", not_before="out the", not_after="the"),
    _swap(any="low pay", formal="low wages"),
    _swap(any="round the corner", casual="just round the corner", not_after="just"),
    _swap(any="anyway", casual="anyhow", not_before="and"),
)

# Right spelling: wrong ones that are no words themselves, so that a reader can put them right.
_MISSPELT = _table(
    """
    a lot: alot; as well: aswell; in fact: infact; at least: atleast; of course: ofcourse; each other: eachother; no
    one: noone; should have: should of, shoulda; would have: would of, woulda; could have: could of, coulda; might
    have: might of; definitely: definately, definitly, defiantely, definetly; separate: seperate; receive: recieve;
    believe: beleive, belive; government: goverment, govt, govenment; because: becuase, becasue, cuz, cos, bc,
    beacuse; environment: enviroment, enviornment; necessary: neccessary, necesary, neccesary; tomorrow: tommorow,
    tomorow; until: untill; truly: truely; argument: arguement; business: buisness, bussiness; businesses: buisnesses;
    really: realy, rly, relly; people: ppl, poeple, peple, peopel; friend: freind; friends: freinds; which: wich,
    whcih; probably: probly, prolly, probaly; though: tho; through: thru; although: altho, athough; thought: thougt;
    enough: enuf, enought, enogh; opinion: opinon, oppinion; different: diffrent, differnt; difference: diffrence;
    interesting: intresting; interest: intrest; beginning: begining; happened: happend; happening: hapening; having:
    haveing; writing: writting; coming: comming; getting: geting, gettin; putting: puting; going: goin, gooing; doing:
    doin; paying: payin; making: makeing; taking: takeing; something: somthing, sumthing, somethin; everything:
    everthing, evrything; anything: anythin, anyting; nothing: nothin; someone: somone; everyone: everone, evryone;
    sometimes: somtimes; especially: especialy, expecially, espically; finally: finaly; actually: actualy, acutally;
    usually: usualy, ussually; basically: basicly, basicaly; completely: completly, completley; absolutely: absolutly,
    absolutley; immediately: immediatly, imediately; unfortunately: unfortunatly, unfortunatley; fortunately:
    fortunatly; safely: safley; likely: likley; lonely: lonley; family: famly, familly; families: familys, famillies;
    countries: countrys; country: contry; children: childern, chldren, chidren; parents: parants, parnets; school:
    shcool, scool; schools: shools; teacher: techer; teachers: techers; money: mony, moeny; should: shoud, shuld,
    shold; would: woud, wuold; could: coud, culd; shouldn't: shoudn't; wouldn't: woudn't; couldn't: coudn't; doesn't:
    dosen't, dosn't; about: abuot; think: thnk; work: wrok; working: workin, wroking; always:
    allways, alway; already: allready; all right: allright; whether: wether; weird: wierd; height: hieght; foreign:
    foriegn, foreing; neighbours: nieghbours, neighbors; neighbour: nieghbour; knowledge: knowlege; privilege:
    priviledge, privelege; government's: goverment's; possible: possable, posible; responsible: responsable;
    responsibility: responsability, responsiblity; available: availible, avaliable; terrible: terrable; sensible:
    sensable; reliable: relyable; affordable: afordable; afford: aford; accommodation: accomodation, acommodation;
    address: adress; across: accross; apparently: apparantly, aparently; appear: apear; disappear: dissapear,
    disapear; disappoint: dissapoint; disappointed: dissapointed; success: sucess; successful: sucessful, successfull;
    useful: usefull; careful: carefull; beautiful: beautifull, beutiful; grateful: greatful; awful: awfull; helpful:
    helpfull; powerful: powerfull; harmful: harmfull; wasteful: wastefull; healthy: heathy, helthy; health: helth;
    wealthy: welthy; decision: desicion, descision; decisions: desicions; discipline: disipline; disease: desease;
    science: sience; experience: experiance, expereince; existence: existance; independent: independant; independence:
    independance; consequences: consequenses; sentence: sentance; dependent: dependend; relevant: relevent; permanent:
    permenant, perminent; restaurant: restaraunt, resturant; restaurants: resturants; vegetables: vegtables;
    supermarket: supermaket; supermarkets: supermakets; expensive: expensiv, exspensive; extremely: extremly;
    exercise: excercise, exersise; excellent: excelent; exaggerate: exagerate; existing: exisiting; embarrassing:
    embarassing; occasion: ocassion; occasionally: occasionaly; occurred: occured; preferred: prefered; referred:
    refered; benefit: benifit, bennefit; benefits: benifits; beneficial: benificial; pollution: polution; population:
    populaton; politicians: politicans, politions; political: politcal; parliament: parliment; communities:
    comunities; community: comunity, communty; committee: comittee; common: comon; company: compnay; companies:
    companys, compnaies; commercial: comercial; recommend: reccomend, recomend; professional: proffesional,
    profesional; process: proccess; pressure: presure, preasure; pension: penshion; pensioners: pentioners,
    pensionners; tendency: tendancy; technology: tecnology, technolgy; temporary: temporay, temporarly; library:
    libary; libraries: libarys, libaries; February: Febuary; Wednesday: Wensday; hospital: hosptial, hospitle;
    hospitals: hospitles; doctors: docters; medicine: medecine; surgeries: surgerys; nurses: nurces; addiction:
    adiction; addicted: adicted; alcohol: alchohol, alcahol; police: polise, poilce; prison: prision; criminals:
    crimnals; guilty: guity, gulity; punish: punnish; punishment: punishement; safety: saftey; traffic: trafic;
    travelling: traveling; cycling: cyling; vehicles: vehicals, vechicles; petrol: pertol; buses: busses; electricity:
    electicity; energy: engery; climate: climat; countryside: contryside; farmers: farmes; animals: animels, aminals;
    building: bulding; houses: housses; housing: houseing; tenants: tennants, tenents; education: educaton, eduction;
    university: uni, univeristy; college: colledge; lesson: leson; lessons: lessions; choice: choise; freedom: fredom;
    equality: equallity; equal: equall; unequal: unequall; rights: rigths; religious: religous; tradition: traditon;
    million: milion; millions: millons; forty: fourty; quality: qualtiy; honestly: honestley, onestly; honest: onest;
    sense: sence; guess: gess; without: wihtout, withought; before: befor, b4; after: aftre; again: agian; against:
    agaisnt, againts; anyway: anyways; nowadays: now a days, nowdays; worried: worred; worrying: worring; trying:
    tring; tried: tryed; carry: cary; supposed to: suppose to; surely: surley; society: soceity, socity; generation:
    genaration; generations: generatons; maintenance: maintainance, maintenence; manage: manege; management:
    managment; guarantee: garantee, guarentee; license: lisence; licence: licens; influence: infulence; increase:
    increse; decrease: decrese; realise: relise; recognise: reconise; landlords: lanlords; whole: whoel
    """
)

# Words: words of their own that are typed for them.
_CONFUSED = _table(
    """
    their: there, they're; there: their; they're: there, their; you're: your; your: you're; it's: its; its: it's; than: then;
    too: to; lose: loose; losing: loosing; where: were; were: where; we're: were; affect: effect; affects: effects;
    who's: whose; quite: quiet; breathe: breath; choose: chose; paid: payed; brought: bought; whether: weather
    """
)

VARIATION = Variation(
    (*_CONTRACTIONS, *_NEGATED, *_AMOUNTS, *_TIMES, *_PEOPLE, *_VERBS, *_QUALITIES),
    misspelt=_MISSPELT,
    confused=_CONFUSED,
)
