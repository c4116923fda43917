"""English: words and phrases that stand for one another, and asides that say nothing. Written for simcons."""

from __future__ import annotations

from typing import get_args

from simcons.languages.en_gb.misspellings import CONFUSED, MISSPELT, RARE
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


_CONTRACTIONS = (
    _swap(
        any="it's",
        careful="it is",
        not_before=f"{_PERFECT} {END}",
        not_after="what how where that than as which use of with to about for by on in from at",
    ),
    _swap(any="that's", careful="that is", not_before=f"{_PERFECT} {END}", not_after="all"),
    _swap(
        any="there's",
        formal="there is",
        not_before=f"{_PERFECT} {_MODALS} {END}",
        not_after="in on out from over up of is",
    ),
    _swap(any="they're", careful="they are", not_before=END, not_after="than as who what where how"),
    _swap(any="you're", careful="you are", not_before=END, not_after="than as who what where how"),
    _swap(any="we're", careful="we are", not_before=END, not_after="than as who what where how"),
    _swap(any="I'm", careful="I am", not_before=END, not_after="than as who what where how"),
    _swap(any="they've", careful="+they have", not_before=f"{END} to a an the no any some their more less fewer"),
    _swap(any="we've", careful="+we have", not_before=f"{END} to of a an the no any some our more less fewer"),
    _swap(any="you've", careful="+you have", not_before=f"{END} to a an the no any some your more less fewer"),
    _swap(any="I've", careful="+I have", not_before=f"{END} to a an the no any some my more less fewer"),
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
    _swap(any="let's", formal="+let us", not_before="in out down go off get"),
    _swap(any="+who's", careful="who is", not_before=_PERFECT),
    _swap(any="what's", careful="what is", not_before=f"{_PERFECT} {END}"),
    _swap(
        chatty="gonna",
        any="going to",
        not_before="the a an work school bed university college church court jail prison hospital war pot sleep waste",
    ),
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
        chatty="loads of",
        never="+tons of",
        not_after="quite such an awful not whole the hell without heck how",
    ),
    _swap(any="nearly / almost", not_after="not so", not_before="no never none nothing"),
    _swap(any="hardly any", formal="scarcely any"),
    _swap(not_after="so very more how too", any="hardly ever / rarely", casual="almost never"),
    _swap(any="the whole", casual="the entire", not_before=f"of point thing lot time world {END}", not_after="on"),
    _swap(any="a bit", casual="+a little", not_before="of like", not_after="quite not every"),
    _swap(
        any="far more",
        casual="a lot more",
        never="+much more / +way more / +loads more",
        not_after="so too how very as that not of a",
    ),
    _swap(
        any="far less / much less", casual="a lot less", chatty="+way less", not_after="so too how very as that not a"
    ),
    _swap(
        any="far better / much better",
        casual="a lot better",
        chatty="way better",
        not_after="so too how very as that not a",
    ),
    _swap(
        any="far worse / much worse",
        casual="a lot worse",
        chatty="way worse",
        not_after="so too how very as that not a",
    ),
    _swap(
        any="far cheaper / much cheaper",
        casual="a lot cheaper",
        chatty="way cheaper",
        not_after="so too how as that not a",
    ),
    _swap(
        any="far easier / much easier", casual="a lot easier", chatty="way easier", not_after="so too how as that not a"
    ),
    _swap(
        any="far harder / much harder", casual="a lot harder", chatty="way harder", not_after="so too how as that not a"
    ),
    _swap(any="too many", casual="far too many", never="way too many", not_after="far way not"),
)

_TIMES = (
    _swap(any="every day / each day", casual="every single day", not_after="of"),
    _swap(any="every week / each week", casual="every single week", not_after="of for and"),
    _swap(any="every month / each month", casual="every single month", not_after="of for and"),
    _swap(any="every year / each year", casual="every single year", not_after="of for and come"),
    _swap(any="every time / each time", casual="every single time"),
    _swap(any="every morning / each morning"),
    _swap(any="every night / each night"),
    _swap(any="at the moment / right now", formal="at present", not_after="than is are and"),
    _swap(any="these days / nowadays", formal="+today", not_after="of in all"),
    _swap(any="straight away / immediately", casual="right away"),
    _swap(any="in the end / eventually", not_before="of"),
    _swap(any="over and over", casual="again and again / time and again", formal="repeatedly", not_before="again"),
    _swap(any="until / +till"),
    _swap(any="usually / normally", formal="generally", never="+mostly", not_after="than as"),
    _swap(any="+quite often / +often enough"),
    _swap(any="all day long / all day", not_before="every"),
    _swap(
        any="for years",
        casual="for years and years",
        formal="for many years",
        not_before="to in until of and",
    ),
    _swap(any="as soon as", casual="+the moment / +the minute", not_before="possible you're"),
    _swap(any="before long", never="+soon enough / +in due course"),
    _swap(any="sooner or later", casual="+one day", never="at some point"),
    _swap(any="from time to time / now and then", casual="every so often / now and again", formal="occasionally"),
)

_PEOPLE = (
    _swap(any="children", casual="kids", not_before="in of act"),
    _swap(any="a child", casual="a kid", not_before="in of benefit"),
    _swap(any="everyone / everybody", not_after="not", not_before="else's"),
    _swap(any="anyone / anybody", not_before="else's"),
    _swap(any="no one / nobody", never="noone", not_before="else's"),
    _swap(any="everyone's / everybody's"),
    _swap(any="anyone's / anybody's"),
    _swap(any="someone's / somebody's"),
    _swap(any="older people / old people", casual="older folk", formal="elderly people"),
    _swap(any="young people / youngsters", casual="young folk", not_before="of"),
    _swap(any="local people", casual="local folk / +locals", never="+people locally", not_before="who with and"),
    _swap(any="ordinary people", casual="normal people / ordinary folk"),
    _swap(any="working people", casual="working folk"),
    _swap(any="poor families / poorer families", casual="hard-up families", formal="less well-off families"),
    _swap(any="the rich / the wealthy", casual="the well-off", not_before="and world countries nations"),
    _swap(any="rich people / wealthy people", casual="people with money"),
    _swap(any="my mum", careful="my mother", not_before="and or's"),
    _swap(any="my dad", careful="my father", not_before="and or's"),
    _swap(any="my nan / my gran", careful="my grandmother", chatty="my nana", not_before="and or"),
    _swap(any="my grandad / my grandfather"),
    _swap(casual="your mates", any="your friends", not_before="and"),
    _swap(casual="their mates", any="their friends", not_before="and"),
    _swap(any="the authorities", casual="those in charge / the people in charge"),
    _swap(any="the neighbours", never="+the people next door"),
)

_VERBS = (
    _swap(
        any="need to / +have to",
        never="+have got to",
        not_after=f"i you we they {_MODALS} to never not no don't doesn't didn't all the a any of and or less more little",
    ),
    _swap(any="needs to / +has to", never="+has got to", not_after="all all that what"),
    _swap(
        any="should",
        careful="ought to",
        not_before=f"not {_SUBJECTS} {END} have really never",
        not_after="why how what where who as nor neither than which they you worst",
    ),
    _swap(any="try to", casual="try and"),
    _swap(any="get rid of", casual="do away with"),
    _swap(any="getting rid of", casual="doing away with"),
    _swap(any="put up with", formal="tolerate"),
    _swap(any="look after / take care of"),
    _swap(any="looking after / taking care of"),
    _swap(any="looks after / takes care of"),
    _swap(any="make sure", formal="ensure", not_before="of"),
    _swap(any="makes sure", formal="ensures", not_before="of"),
    _swap(any="making sure", formal="ensuring", not_before="of"),
    _swap(any="start to / begin to"),
    _swap(any="starts to / begins to"),
    _swap(any="started to / began to"),
    _swap(any="seems to", formal="appears to", not_before="them me us you him her"),
    _swap(any="seem to", formal="appear to", not_before="them me us you him her"),
    _swap(any="+go up / +rise"),
    _swap(any="+goes up / +rises"),
    _swap(any="+going up / +rising"),
    _swap(any="buy", never="+purchase"),
    _swap(any="buying", never="+purchasing"),
    _swap(any="find out", formal="discover", not_before=f"about in {END} and quick"),
    _swap(any="+think twice about / +think twice before", never="+have second thoughts about"),
    _swap(any="pay for", never="+meet the cost of"),
    _swap(any="carry on", never="+keep on"),
    _swap(any="closing down / shutting down"),
    _swap(any="close down / shut down", not_after="get gets got be been being was were are is"),
    _swap(any="cut down on", casual="cut back on"),
    _swap(any="cost a fortune", casual="cost an arm and a leg / cost the earth", not_before="per"),
    _swap(any="costs a fortune", casual="costs an arm and a leg / costs the earth", not_before="per"),
    _swap(any="makes sense", casual="makes good sense", not_after="no more little that perfect"),
    _swap(any="stay at home", casual="stop at home / stay home", not_before="mum mums dad dads parent"),
    _swap(any="get to work", casual="get into work"),
    _swap(any="have a say", casual="get a say"),
)

_QUALITIES = (
    _swap(
        any="very",
        casual="+really",
        never="+so / +dead / +proper / +extremely",
        not_after="the not a isn't aren't that this",
        not_before=f"much few little same least well often very {END} far",
    ),
    _swap(any="hugely", casual="massively", formal="enormously"),
    _swap(any="completely", casual="totally", formal="+entirely", never="+utterly", not_after="not a"),
    _swap(any="quicker / faster"),
    _swap(any="cheaper", never="+less expensive"),
    _swap(any="expensive", formal="costly", never="+dear / +pricey", not_after="an more most less"),
    _swap(any="is hard to", formal="is difficult to", never="+is tough to"),
    _swap(any="it's hard to", formal="it is difficult to / it is hard to", never="+it's tough to"),
    _swap(any="too hard to", formal="too difficult to", never="+too tricky to"),
    _swap(any="big", never="+large"),
    _swap(any="huge", casual="massive / enormous", not_after="a"),
    _swap(any="tiny", formal="very small", never="+teeny", not_after="that a"),
    _swap(any="bad for", formal="harmful to"),
    _swap(any="the problem", never="+the trouble / +the difficulty"),
    _swap(any="the chance to / the opportunity to"),
    _swap(
        any="problems",
        casual="+issues",
        formal="difficulties",
        never="+trouble",
        not_before="with are were that which",
        not_after="the these two more other many few mental health money its",
    ),
    _swap(any="money", never="+cash"),
    _swap(any="taxpayers' money / public money", never="+taxpayers' cash / +our taxes"),
    _swap(any="happy to / glad to"),
    _swap(any="a waste of money", casual="money down the drain", not_after="such"),
    _swap(any="a waste of time", casual="a complete waste of time", not_after="such"),
    _swap(any="in the first place", never="+to begin with / +to start with"),
    _swap(any="as well", casual="+too", not_before="as to off if", not_after="just might may"),
    _swap(any="instead of / +rather than", not_after="prefer"),
    _swap(any="such as", casual="+like"),
    _swap(any="for example / for instance"),
    _swap(any="as long as / so long as", never="+provided", not_after="for", not_before="your my our a the"),
    _swap(any="even though / although", casual="+though"),
    _swap(any="while", formal="whilst", not_after="a the worth every some long", not_before=END),
    _swap(any="among", formal="amongst"),
    _swap(any="sort of / kind of", not_after="a the this that some any what every"),
    _swap(any="perhaps / maybe"),
    _swap(any="+for good", casual="+for ever", formal="+permanently"),
    _swap(any="all over the country / up and down the country", formal="throughout the country"),
    _swap(any="round here / +where I live", never="around here"),
    _swap(any="on the telly", careful="on television", never="on tv"),
    _swap(
        any="supermarkets",
        casual="the supermarkets / the big supermarkets",
        not_after="the our from big of other and these to by most all",
    ),
    _swap(any="councils", formal="local authorities", not_after="the most some many our"),
    _swap(any="hospitals", never="+our hospitals"),
    _swap(any="rules", formal="+regulations", not_before="out the", not_after="the"),
    _swap(any="low pay", never="+low wages"),
    _swap(any="round the corner", casual="just round the corner", not_after="just"),
    _swap(any="anyway", never="+anyhow"),
)

_LITTLE_WORDS = (
    _swap(
        any="people who",
        careful="those who",
        chatty="+folk who",
        never="+people that",
        not_after=(
            "young younger old older poor poorer rich many most few more other ordinary local working these those "
            "of our your disabled the same lovely good sick fit wealthy well-off two some any different busy no "
            "three very honest decent sensible clever reasonable working-class just only"
        ),
    ),
    _swap(
        any="the people who", careful="those who", casual="the ones who", never="+the people that", not_after="all of"
    ),
    _swap(any="anyone who / anybody who", never="+whoever"),
    _swap(any="as if / as though", casual="+like"),
    _swap(any="just because / simply because"),
    _swap(any="+not just / +not only"),
    _swap(any="all the time", never="+non-stop / +round the clock / +constantly"),
    _swap(
        any="thousands of",
        casual="thousands and thousands of",
        not_after="tens hundreds few many the",
    ),
    _swap(any="millions of", casual="millions and millions of", not_after="tens hundreds few many the"),
    _swap(any="hundreds of", casual="hundreds and hundreds of", not_after="few many the"),
    _swap(
        any="because",
        chatty="cos",
        never="+as / +since",
        not_before="of",
        not_after="just simply mainly partly mostly only not and",
    ),
    _swap(
        any="want to",
        chatty="wanna",
        never="+would like to",
        not_after=(
            "i you we they it there and i'd don't not doesn't didn't really would never may might will i'd you'd "
            "they'd we'd no if ever always to just still"
        ),
    ),
    _swap(any="would rather / would sooner"),
    _swap(any="more and more", never="+ever more / +increasingly many"),
    _swap(any="a good few / quite a few", formal="a fair number of"),
    _swap(any="+in the middle of / +halfway through"),
    _swap(any="next to nothing", casual="hardly anything", never="+very little", not_after="for"),
    _swap(any="sort out", never="+resolve"),
    _swap(any="+worn out", chatty="knackered", formal="exhausted", not_after="a"),
    _swap(any="fed up with", casual="sick of", formal="tired of"),
    _swap(any="+a real / +a genuine", casual="+a proper"),
    _swap(
        any="really",
        casual="genuinely",
        never="+truly",
        not_after="not don't doesn't isn't didn't aren't can't is are was the that so it's",
        not_before=f"{END} is are and is big good bad cheap old",
    ),
)

_EVERYDAY = (
    _swap(
        any="there's nobody / there's no one", careful="there is nobody / there is no one", not_before="else's answer"
    ),
    _swap(
        any="a bit of",
        formal="+a little",
        never="+a spot of",
        not_before="a an the it them that this",
        not_after="every quite not",
    ),
    _swap(any="the same", never="+the very same / +exactly the same"),
    _swap(
        any="a few",
        casual="a couple of",
        never="+one or two / +a handful of",
        not_after="quite good only just very",
        not_before=f"more of who are have people in hundred thousand would can and {END}",
    ),
    _swap(any="half the / half of the", not_before="time battle trouble price size height people year day night week"),
    _swap(any="all the", never="+all of the"),
    _swap(
        any="there's no",
        careful="there is no",
        casual="there isn't any",
        not_before="one such way less more longer doubt telling stopping getting knowing going",
    ),
    _swap(any="look at", never="+take a look at"),
    _swap(any="+what goes on / +what happens"),
    _swap(any="+the price of / +the cost of"),
    _swap(
        any="a fortune",
        casual="a small fortune",
        chatty="an absolute fortune",
        never="+a packet",
        not_after="small cost costs",
    ),
    _swap(any="turn up", casual="+show up", not_before="the their your and"),
    _swap(any="turns up", casual="+shows up", not_before="the their your and"),
    _swap(any="turned up", casual="+showed up", not_before="the their your and"),
    _swap(any="turning up", casual="+showing up", not_before="the their your and"),
    _swap(any="+very little", casual="+precious little", not_before="girl boy"),
    _swap(any="a decent", casual="+a proper", never="+a reasonable", not_before="way"),
    _swap(any="+all over the / +right across the", formal="+throughout the"),
    _swap(any="+a good deal / +a great deal"),
    _swap(any="a load of", casual="a whole load of", never="+a bunch of"),
    _swap(any="are full of", never="+are packed with / +are stuffed with"),
    _swap(any="is full of", never="+is packed with / +is stuffed with"),
    _swap(any="end up", never="+wind up / +finish up"),
    _swap(any="each other", formal="+one another", not_before="'s"),
    _swap(any="never", never="+never ever"),
    _swap(any="would just", careful="+would simply", not_before="as"),
    _swap(any="will just", careful="+will simply", not_before="as"),
    _swap(any="can just", careful="+can simply", not_before="as"),
    _swap(any="they just", careful="+they simply", not_before="as got about"),
    _swap(any="+people just / +people simply"),
    _swap(any="+are just / +are simply"),
    _swap(any="+is just / +is simply"),
    _swap(casual="can't just / can't simply", careful="cannot just / cannot simply"),
    _swap(any="+homes / +houses"),
    _swap(any="firms / companies", never="+businesses", not_after="small big"),
    _swap(any="+a firm / a company", never="+a business", not_before="car"),
    _swap(any="+a small / +a little", casual="+a tiny"),
    _swap(any="a phone", never="+a mobile", not_before="call box in number line"),
    _swap(any="phones", never="+mobiles", not_before="in", not_after="smart"),
    _swap(any="someone / somebody", never="+a person", not_before="else's in's", not_after="as to"),
    _swap(any="however / no matter how", not_before=f"it the {END}", not_after="and"),
    _swap(any="+mums and dads", careful="+parents"),
    _swap(any="+pensioners / +retired people", casual="+old folk"),
    _swap(any="teenagers", casual="teens", never="+adolescents", not_after="the"),
    _swap(
        any="drivers",
        never="+motorists",
        not_after="lorry bus van train tube taxi delivery racing learner cab careful the banned drunk good bad older young new",
    ),
    _swap(any="+shoppers / +customers"),
    _swap(any="tenants", never="+renters"),
    _swap(
        any="a lot",
        chatty="loads",
        formal="a great deal",
        not_after="quite not such an thanks only",
        not_before="more less better worse fewer further longer bigger smaller quicker faster older younger nicer safer easier",
    ),
    _swap(any="a bad idea", never="+a rotten idea"),
    _swap(any="in a hurry / in a rush"),
    _swap(any="grown-ups / adults", formal="+adults", not_after="the"),
    _swap(any="the doctor's", never="+the surgery"),
    _swap(any="a penny", never="+a single penny"),
    _swap(any="day after day / day in day out"),
    _swap(any="month after month / every single month"),
    _swap(any="year after year / year in year out", formal="every year"),
    _swap(any="a long time", casual="+ages", not_before="ago"),
    _swap(any="a long time ago", casual="ages ago"),
    _swap(any="on purpose", formal="deliberately"),
    _swap(any="by accident / by mistake"),
    _swap(any="better off", never="+in a better position"),
    _swap(any="falling apart", never="+falling to bits / +in a poor state"),
    _swap(any="a mess", casual="a right mess / a total mess", not_after="such what right"),
    _swap(any="good for", never="+beneficial to"),
    _swap(any="+wasting / +throwing away"),
    _swap(any="take the mick", formal="+take advantage", not_before="out"),
    _swap(any="think about", never="+consider / +have a think about"),
    _swap(any="keep an eye on", never="+monitor"),
    _swap(any="+in charge of / +responsible for"),
    _swap(any="+get by", never="+scrape by / +manage"),
    _swap(any="make ends meet", casual="+get by"),
    _swap(any="struggling", never="+really struggling / +in difficulty"),
    _swap(any="+perfectly good / +perfectly decent"),
    _swap(any="dirt cheap", formal="very cheap"),
    _swap(any="+at any age / +at whatever age"),
    _swap(any="all year round / the whole year round", formal="throughout the year"),
    _swap(any="all summer", casual="all summer long"),
    _swap(any="all night", never="+all night long"),
    _swap(any="more often than not / most of the time", not_after="the"),
    _swap(any="+part of the reason / +one of the reasons"),
    _swap(any="the minute / the moment", not_before="of hand book", not_after="at in for by up till until to last"),
    _swap(
        any="have no idea",
        casual="+haven't a clue",
        never="+haven't the foggiest",
        not_after="you'd they'd i'd we'd to would might may will could",
    ),
    _swap(any="has no idea", casual="+hasn't a clue", never="+hasn't the foggiest"),
    _swap(any="the system", never="+the whole system"),
    _swap(any="for free", formal="+free of charge", never="+for nothing", not_after="it"),
)


def _asides(phrases: str) -> tuple[str, ...]:
    return tuple(phrases.split(" / "))


_ASIDES: dict[Register, tuple[str, ...]] = {
    "plain": _asides("to be fair / honestly / to be honest / let's face it, / frankly / if you ask me / to my mind"),
    "chatty": _asides("honestly / to be honest / tbh / let's face it, / basically / if you ask me / obviously"),
    "formal": _asides("frankly / in fact / to be frank, / in truth"),
}
_JOINTS = word_set("and but because or yet while")

VARIATION = Variation(
    (*_CONTRACTIONS, *_NEGATED, *_AMOUNTS, *_TIMES, *_PEOPLE, *_VERBS, *_QUALITIES, *_LITTLE_WORDS, *_EVERYDAY),
    misspelt=MISSPELT,
    confused=CONFUSED,
    asides=_ASIDES,
    joints=_JOINTS,
    rare=RARE,
)
