"""English: sentences of people's opinions, apart from verdicts. Written one by one for simcons."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simcons.languages.en_gb.opinion_verdicts import VERDICTS
from simcons.languages.phrases import ByRegister, Clashes, OpinionPhrases
from simcons.scenario.parameters import Register

_OPENERS: ByRegister = {
    "plain": (
        "I've thought about this a bit.",
        "This one is easy for me.",
        "I do have a view on this.",
        "I'm pretty clear on this one.",
        "It's a simple one for me.",
        "This is something I care about.",
        "Not a hard one, this.",
        "I can only say how it looks to me.",
        "There isn't much to think about here.",
        "I know where I stand here.",
    ),
    "chatty": (
        "Right then.",
        "Easy one for me this.",
        "Oh don't get me started.",
        "Ha, where do I begin.",
        "Ok so.",
        "Finally, a question I can answer!",
        "This is a bugbear of mine.",
        "Don't even need to think about it.",
        "Me and the other half always argue about this.",
        "Here we go.",
        "How is this even a question?",
        "Where do I start?",
        "Well I've got opinions on this!",
        "Soapbox time.",
    ),
    "formal": (
        "I have considered this with some care.",
        "My view on this is settled.",
        "This is a matter on which I feel quite clear.",
        "Let me set out my thinking.",
        "This is a subject of some importance to me.",
        "The matter seems to me a plain one.",
    ),
}

_UNSURE_OPENERS: ByRegister = {
    "plain": (
        "This is a difficult one.",
        "I haven't thought about this much before.",
        "Hard to say really.",
        "This took me a while.",
        "I had to think about this.",
        "It isn't as simple as it looks.",
        "I can only go on what I've seen.",
        "I'm no expert.",
        "My first thought was different from my second.",
    ),
    "chatty": (
        "Hmm, tricky one.",
        "Not gonna lie, I've never really thought about it.",
        "Ooh, good question.",
        "Erm.",
        "Hmm.",
        "Oof, hard one.",
        "You've got me there.",
        "Had to have a think about this.",
        "I know nothing about this but here goes.",
        "Why do you always ask the hard ones?",
        "Well this is a toughie.",
    ),
    "formal": (
        "This is a complex question.",
        "There is much to weigh up here.",
        "I do not pretend to be an expert.",
        "It is not a straightforward matter.",
        "I had not given this much thought until now.",
        "I find this a hard question.",
        "There are no easy answers here.",
    ),
}

_FIRST_REASONS: ByRegister = {
    "plain": (
        "{Claim}.",
        "{Claim}.",
        "{Claim}.",
        "The main thing for me is that {claim}.",
        "I think {claim}.",
        "To my mind {claim}.",
        "For me, {claim}.",
        "The way I see it, {claim}.",
        "My reason is simple: {claim}.",
        "It comes down to this: {claim}.",
        "I believe {claim}.",
        "We all know that {claim}.",
        "Above all, {claim}.",
    ),
    "chatty": (
        "{Claim}.",
        "{Claim}.",
        "{Claim}.",
        "I mean, {claim}.",
        "Thing is, {claim}.",
        "For me it's simple, {claim}.",
        "Let's be honest, {claim}.",
        "Look, {claim}.",
        "At the end of the day {claim}.",
        "Let's face it, {claim}.",
        "All I know is {claim}.",
        "Way I see it, {claim}.",
        "Come on, {claim}.",
        "Everyone knows {claim}.",
        "Fact is {claim}.",
        "Basically {claim}.",
        "End of the day, {claim}.",
        "Like, {claim}.",
        "Tbh {claim}.",
        "Honestly, {claim}.",
    ),
    "formal": (
        "{Claim}.",
        "{Claim}.",
        "My principal reason is that {claim}.",
        "It seems to me that {claim}.",
        "I would point out that {claim}.",
        "The central point, for me, is that {claim}.",
        "I take the view that {claim}.",
        "It is plain to me that {claim}.",
        "What weighs most with me is that {claim}.",
        "In my judgement, {claim}.",
        "First and foremost, {claim}.",
        "I would stress that {claim}.",
    ),
}

_MORE_REASONS: ByRegister = {
    "plain": (
        "Also, {claim}.",
        "{Claim}.",
        "{Claim}.",
        "I also think {claim}.",
        "On top of that, {claim}.",
        "Another thing is that {claim}.",
        "And {claim}.",
        "Then there's the fact that {claim}.",
        "Apart from that, {claim}.",
        "It's also true that {claim}.",
        "Don't forget that {claim}.",
        "Besides, {claim}.",
        "What's more, {claim}.",
        "I'd add that {claim}.",
        "People forget that {claim}.",
        "As well as that, {claim}.",
        "And let's remember that {claim}.",
    ),
    "chatty": (
        "Plus {claim}.",
        "And {claim}.",
        "Oh and {claim}.",
        "{Claim}.",
        "{Claim}.",
        "Also {claim}.",
        "And another thing, {claim}.",
        "Not to mention {claim}.",
        "And yeah, {claim}.",
        "And don't forget, {claim}.",
        "Besides, {claim}.",
        "On top of all that {claim}.",
        "Anyway, {claim}.",
        "And to top it off, {claim}.",
    ),
    "formal": (
        "Furthermore, {claim}.",
        "In addition, {claim}.",
        "{Claim}.",
        "{Claim}.",
        "It is also the case that {claim}.",
        "Moreover, {claim}.",
        "One should add that {claim}.",
        "It should also be remembered that {claim}.",
        "Beyond that, {claim}.",
        "Nor should it be forgotten that {claim}.",
        "A further point is that {claim}.",
    ),
}

_HEDGED_REASONS: ByRegister = {
    "plain": (
        "I suspect {claim}.",
        "I may be wrong, but {claim}.",
        "I feel that {claim}.",
        "I'd imagine {claim}.",
        "I tend to think {claim}.",
        "My guess is that {claim}.",
        "From what I can tell, {claim}.",
        "It seems to me {claim}.",
        "As far as I can see, {claim}.",
        "I get the feeling that {claim}.",
        "I suppose {claim}.",
        "My feeling is that {claim}.",
    ),
    "chatty": (
        "I could be wrong but {claim}.",
        "I sort of feel like {claim}.",
        "I dunno, {claim}, I guess.",
        "I suppose {claim}.",
        "I kind of think {claim}.",
        "Maybe it's just me but {claim}.",
        "Feels to me like {claim}.",
        "I guess {claim}.",
        "Pretty sure {claim}.",
        "I might be way off but {claim}.",
        "From what I've heard, {claim}.",
        "Seems to me {claim}.",
        "Don't quote me but {claim}.",
    ),
    "formal": (
        "I suspect that {claim}.",
        "I may be mistaken, but {claim}.",
        "I am inclined to think that {claim}.",
        "It would appear that {claim}.",
        "As far as I can judge, {claim}.",
        "My impression is that {claim}.",
        "I should imagine that {claim}.",
        "I would suggest that {claim}.",
    ),
}

_CONCESSIONS: ByRegister = {
    "plain": (
        "Having said that, {claim}.",
        "I do accept that {claim}.",
        "On the other hand, {claim}.",
        "I know {claim}.",
        "That said, {claim}.",
        "I can see that {claim}.",
        "I'll admit that {claim}.",
        "I understand that {claim}.",
        "Still, {claim}.",
        "At the same time, {claim}.",
        "There is a downside, as {claim}.",
        "To be fair to the other side, {claim}.",
    ),
    "chatty": (
        "To be fair, {claim}.",
        "Mind you, {claim}.",
        "Then again, {claim}.",
        "I get that {claim}.",
        "Ok, {claim}.",
        "Granted, {claim}.",
        "I'll give them this, {claim}.",
        "Fair enough, {claim}.",
        "On the flip side, {claim}.",
        "Tbf {claim}.",
        "I do get it, {claim}.",
    ),
    "formal": (
        "I do recognise that {claim}.",
        "I accept, however, that {claim}.",
        "On the other hand, {claim}.",
        "I readily concede that {claim}.",
        "I acknowledge that {claim}.",
        "It must be said, however, that {claim}.",
        "Admittedly, {claim}.",
    ),
}

_WEIGHED: ByRegister = {
    "plain": (
        "I know {claim}, but {more}.",
        "I accept that {claim}, but {more}.",
        "It's true that {claim}, but for me {more}.",
        "I do see that {claim}. But {more}.",
        "I can see that {claim}, but in the end {more}.",
    ),
    "chatty": (
        "I get that {claim}, but {more}.",
        "Ok {claim}, but {more}.",
        "Fair enough, {claim}, but {more}.",
        "I know I know, {claim}. But {more}.",
        "Granted, {claim}, but come on, {more}.",
        "Sure, {claim}. But {more}.",
    ),
    "formal": (
        "I accept that {claim}, but {more}.",
        "It is true that {claim}, but {more}.",
        "I recognise that {claim}. Nevertheless, {more}.",
        "Admittedly {claim}, but {more}.",
        "I grant that {claim}. Even so, {more}.",
    ),
}

_COMMON: ByRegister = {
    "plain": (
        "I do think {claim}.",
        "I'd also say {claim}.",
        "{Claim}.",
        "{Claim}.",
        "I hope we can all agree that {claim}.",
        "Most of all, {claim}.",
        "What I do know is that {claim}.",
        "The one thing I'd say is that {claim}.",
        "One more thing: {claim}.",
        "I'd also point out that {claim}.",
        "Something else to bear in mind: {claim}.",
    ),
    "chatty": (
        "Not being funny but {claim}.",
        "Can't argue with the fact that {claim}.",
        "Say what you like, {claim}.",
        "Hand on heart, {claim}.",
        "One thing's for sure, {claim}.",
        "And look, {claim}.",
        "{Claim}.",
        "{Claim}.",
        "Surely we can all agree {claim}.",
        "All I'd say is {claim}.",
        "I'd just say {claim}.",
        "One thing I will say, {claim}.",
        "Oh, and {claim}.",
        "One more thing, {claim}.",
        "No arguing with this, {claim}.",
    ),
    "formal": (
        "I would add that {claim}.",
        "{Claim}.",
        "{Claim}.",
        "It is surely common ground that {claim}.",
        "I would only insist that {claim}.",
        "I would also say that {claim}.",
        "One further point: {claim}.",
        "I hope it is agreed that {claim}.",
    ),
}

_COMMON_LATER: ByRegister = {
    "plain": (
        "Either way, {claim}.",
        "Whatever happens, {claim}.",
        "In any case, {claim}.",
        "Whichever way it goes, {claim}.",
        "Whatever you think of it, {claim}.",
        "Regardless, {claim}.",
    ),
    "chatty": (
        "Whatever happens, {claim}.",
        "Either way {claim}.",
        "Whatever they do, {claim}.",
        "Whoever's right, {claim}.",
        "Whichever way, {claim}.",
        "No matter what though, {claim}.",
    ),
    "formal": (
        "In any event, {claim}.",
        "Whatever is decided, {claim}.",
        "Be that as it may, {claim}.",
        "Whatever the outcome, {claim}.",
        "In either case, {claim}.",
    ),
}

_JOINED: ByRegister = {
    "plain": (
        "{verdict} because {claim}.",
        "{verdict}, because {claim}.",
        "{verdict}, mainly because {claim}.",
        "{verdict}, since {claim}.",
    ),
    "chatty": (
        "{verdict} because {claim}.",
        "{verdict} cos {claim}.",
        "{verdict}, mainly cos {claim}.",
    ),
    "formal": (
        "{verdict}, since {claim}.",
        "{verdict}, principally because {claim}.",
        "{verdict} because {claim}.",
    ),
}

_HALVES: ByRegister = {
    "plain": (
        "Because {claim}.",
        "Mainly because {claim}.",
        "Partly because {claim}.",
        "Simply because {claim}.",
        "Mostly because {claim}.",
        "Why? Because {claim}.",
        "Not least because {claim}.",
    ),
    "chatty": (
        "Because {claim}.",
        "Cos {claim}.",
        "Mainly cos {claim}.",
        "Just because {claim}.",
        "Why? Cos {claim}.",
        "Mostly because {claim}.",
        "Simple reason, {claim}.",
    ),
    "formal": (
        "Principally because {claim}.",
        "Not least because {claim}.",
        "Chiefly because {claim}.",
        "Partly because {claim}.",
    ),
}

_ASKED: ByRegister = {
    "plain": (
        "Why do we pretend otherwise when {claim}?",
        "Surely we can all see that {claim}?",
        "How can anybody ignore the fact that {claim}?",
        "Is it any wonder, when {claim}?",
        "What else do you expect when {claim}?",
        "Have people forgotten that {claim}?",
        "Do people realise that {claim}?",
        "Surely {claim}?",
        "Why ignore the fact that {claim}?",
    ),
    "chatty": (
        "I mean, {claim}, right?",
        "Who's gonna argue when {claim}?",
        "Surely everyone can see {claim}?",
        "What do people expect when {claim}?",
        "Do they not know that {claim}?",
        "Has everyone forgotten {claim}?",
        "How can you ignore the fact {claim}?",
        "Why are we even debating it when {claim}?",
        "Am I the only one who can see that {claim}?",
        "Surely {claim}?",
        "{Claim}, know what I mean?",
        "Is it any surprise when {claim}?",
    ),
    "formal": (
        "Surely it is clear that {claim}?",
        "How are we to overlook the fact that {claim}?",
        "Is it any surprise, when {claim}?",
        "Have we forgotten that {claim}?",
    ),
}

_EXCLAIMED: ByRegister = {
    "plain": ("{Claim}!", "It's obvious that {claim}!", "We all know {claim}!", "And {claim}!"),
    "chatty": (
        "{Claim}!",
        "{Claim}!!",
        "Come on, {claim}!",
        "And {claim}!",
        "For goodness sake, {claim}!",
        "I mean, {claim}!",
    ),
    "formal": ("{Claim}!", "It is surely plain that {claim}!"),
}

_PAIRED: ByRegister = {
    "plain": (
        "{Claim}, and {more}.",
        "{Claim} and {more}.",
        "{Claim}, and on top of that {more}.",
        "I think {claim}, and {more}.",
        "{Claim}, plus {more}.",
        "{Claim}; {more}.",
    ),
    "chatty": (
        "{Claim} and {more}.",
        "{Claim}, {more}.",
        "{Claim} plus {more}.",
        "I mean {claim}, and {more}.",
        "{Claim} - {more}.",
    ),
    "formal": (
        "{Claim}, and {more}.",
        "{Claim}; moreover, {more}.",
        "{Claim}, and in addition {more}.",
        "I consider that {claim} and that {more}.",
        "{Claim}; {more}.",
    ),
}

_LISTED: Mapping[Register, tuple[tuple[str, ...], ...]] = {
    "plain": (
        ("Firstly, {claim}.", "Secondly, {claim}.", "Thirdly, {claim}."),
        ("For one thing, {claim}.", "For another, {claim}.", "And lastly, {claim}."),
        ("1) {claim}.", "2) {claim}.", "3) {claim}."),
        ("First of all {claim}.", "Then {claim}.", "And finally, {claim}."),
        ("A few reasons: {claim};", "{claim};", "and {claim}."),
        ("Two main reasons. One, {claim}.", "Two, {claim}.", "Oh, and three, {claim}."),
    ),
    "chatty": (
        ("One, {claim}.", "Two, {claim}.", "Three, {claim}."),
        ("For starters {claim}.", "Then {claim}.", "And to finish off {claim}."),
        ("First off, {claim}.", "Second, {claim}.", "Oh and third, {claim}."),
        ("1. {claim}.", "2. {claim}.", "3. {claim}."),
        ("Reasons: {claim},", "{claim},", "and {claim}."),
        ("Number one, {claim}.", "Number two, {claim}.", "Number three, {claim}."),
    ),
    "formal": (
        ("First, {claim}.", "Second, {claim}.", "Third, {claim}."),
        ("In the first place, {claim}.", "Secondly, {claim}.", "Finally, {claim}."),
        ("My reasons are these: {claim};", "{claim};", "and {claim}."),
        ("To begin with, {claim}.", "Further, {claim}.", "Lastly, {claim}."),
    ),
}

_DENIED: ByRegister = {
    "plain": (
        "I don't believe that {claim}.",
        "I don't accept that {claim}.",
        "I don't buy the idea that {claim}.",
        "It's just not true that {claim}.",
        "I'm not convinced that {claim}.",
        "I don't agree that {claim}.",
        "People say {claim}, but I don't believe it.",
        "I don't think it's true that {claim}.",
        "It's nonsense to say that {claim}.",
        "I can't accept that {claim}.",
    ),
    "chatty": (
        "I don't buy that {claim}.",
        "It's rubbish that {claim}.",
        "People say {claim}, but I don't buy it.",
        "I just don't believe {claim}.",
        "I don't agree that {claim}, sorry.",
        "It's not true that {claim}.",
        "They say {claim} but that's nonsense.",
        "I'm not convinced {claim}.",
        "It's a myth that {claim}.",
    ),
    "formal": (
        "I do not accept that {claim}.",
        "I am not persuaded that {claim}.",
        "It is simply not the case that {claim}.",
        "I do not believe that {claim}.",
        "I remain unconvinced that {claim}.",
        "I do not agree that {claim}.",
    ),
}

_CONTRADICTED: ByRegister = {
    "plain": (
        "{Claim}.",
        "{Claim}.",
        "{Claim}.",
        "Actually, {claim}.",
        "In reality {claim}.",
        "The truth is that {claim}.",
        "As I see it, {claim}.",
        "In practice, {claim}.",
    ),
    "chatty": (
        "{Claim}.",
        "{Claim}.",
        "{Claim}.",
        "Actually {claim}.",
        "Truth is, {claim}.",
        "In real life {claim}.",
        "Come off it, {claim}.",
        "Reality is {claim}.",
        "People can say what they like, {claim}.",
    ),
    "formal": ("{Claim}.", "{Claim}.", "In practice, {claim}.", "In truth, {claim}.", "In reality, {claim}."),
}

_TOLD: ByRegister = {
    "plain": (
        "{Claim}.",
        "{Claim}.",
        "{Claim}.",
        "Speaking from experience, {claim}.",
        "To give an example, {claim}.",
        "I'll give you an example: {claim}.",
    ),
    "chatty": (
        "{Claim}.",
        "{Claim}.",
        "{Claim}.",
        "True story, {claim}.",
        "Put it this way, {claim}.",
    ),
    "formal": ("{Claim}.", "{Claim}.", "From my own experience: {claim}.", "To take an example, {claim}."),
}

_CLOSERS: ByRegister = {
    "plain": (
        "That's how I see it, anyway.",
        "I'd be interested to hear what others think.",
        "That's about it really.",
        "That's my view.",
        "What does everyone else think?",
        "That's all I have to say on it.",
        "Others will see it differently and that's fine.",
        "Who knows if anyone will listen.",
        "I'll leave it there.",
        "Just how I feel.",
    ),
    "chatty": (
        "Anyway, that's my two pence.",
        "That's just me though.",
        "Make of that what you will.",
        "Rant over.",
        "Rant over!",
        "Sorry for going on.",
        "What do the rest of you reckon?",
        "Anyone else?",
        "Just saying.",
        "That's me done.",
        "Anyway.",
        "I'll get off my soapbox now.",
        "Or is that just me?",
        "Go on, tell me I'm wrong.",
    ),
    "formal": (
        "I would be glad to hear how others see it.",
        "Those are my main considerations.",
        "That, in short, is my position.",
        "I respect those who see it differently.",
        "I shall leave it at that.",
        "I look forward to hearing other views.",
        "Those are my thoughts, such as they are.",
        "Others may well see it differently.",
    ),
}

_CARELESS: tuple[str, ...] = (
    "no opinion",
    "dont know",
    "not sure",
    "its fine i guess",
    "ok",
    "no comment",
    "idk really",
    "whatever is best",
    "dont mind",
    "no idea",
    "not bothered either way",
    "n/a",
    "dont really care tbh",
    "up to them",
    "whatever",
    "none",
    "i have no strong feelings",
    "hard to say",
    "its up to the government",
    "it depends",
    "fine",
    "dunno",
    "nothing to add",
    "pass",
)

# Clauses, and the frames that they do not go into.
_CLASHES = Clashes(
    # What is told from one's own life is not held.
    (
        re.compile(r"^(?:I|my|it's not as if|she|he)\b|\b(?:I|I'm|I'd|I've|me)\b|\bmy "),
        re.compile(r"\b(?:I|me|my|all|that)\b|[Ee]very(?:one|body)|[Pp]eople|They|[Ss]urely"),
    ),
    # What ought to be done is no fact that is known, remembered or guessed.
    (
        re.compile(
            r"\b(?:should|ought|must|shouldn't|needs? to|has (?:got )?to|have (?:got )?to|could do with|deserves?|want|wants|"
            r"I'd|let)\b"
        ),
        re.compile(
            r"(?i)\b(?:facts?|kn[oe]ws?|true|truth|remember(?:ed)?|forget|forgotten|realise|arguing|argue|thing's for sure|"
            r"ignore|overlook|people say|they say|"
            r"myth|reality|real life|practice|guess|imagine|appear|tell|quote|heard|"
            r"wonder|surprise|expect|obvious|plain|impression|whatever|either|regardless|hand on heart)\b"
        ),
    ),
    # Of two statements in a row only the first would be rejected, and what is denied already is not denied again.
    (
        re.compile(
            r"[,;]|\b(?:hardly|no|nor|none|nobody|nothing|never|not|nowhere)\b|n't\b|"
            r"\band (?:it|they|we|you|the|a|an|that|this|there|no|nobody|then)\b"
        ),
        re.compile(
            r"(?i)don't (?:believe|accept|buy|agree|think it's)|not (?:true|convinced|accept|persuaded|believe|agree|the case)|"
            r"nonsense|can't accept|rubbish|myth|unconvinced"
        ),
    ),
    # Orders, questions and exclamations stand alone.
    (
        re.compile(
            r"^(?:haven't|hasn't|isn't|aren't|wouldn't|"
            r"let's|let|would|who(?:'s| is| would|'d)|where|why|how|do|don't|does|is|are|can|give|take|put|stick|spend|funny|"
            r"keep|ask|look|try|think|imagine|lovely|no (?!one|body)\w+|not|shame|live and|so|yes|pay|make|get|stop|leave|show|"
            r"tell|sort|fix|build|teach|charge|go|try|once you|you name|good luck|fine|great|tough|same|"
            r"first (?:it|they)|nobody's saying|one minute)\b|^what (?:about|next|do|would|is|are|if)\b|"
            r", (?:is|isn't|are|aren't|do|don't|does|doesn't|was|wasn't|have|haven't|would|wouldn't|will|won't|can|can't|did|"
            r"didn't|has|hasn't)(?: not)? (?:it|they|we|you|he|she|there|I)$|\b(?:I say|if you ask me|end of|simple as that|"
            r"simple as|bless (?:him|her|them|'em)|job done|let's be honest|thank you very much|come on)\b"
        ),
        re.compile(r"(?<!And)(?<!Look,)(?<!Honestly,)(?<!Come on,)(?<!And yeah,)(?<![.;-]) \{(?:claim|more)\}"),
    ),
)

OPINIONS = OpinionPhrases(
    verdicts=VERDICTS,
    openers=_OPENERS,
    unsure_openers=_UNSURE_OPENERS,
    first_reasons=_FIRST_REASONS,
    more_reasons=_MORE_REASONS,
    hedged_reasons=_HEDGED_REASONS,
    concessions=_CONCESSIONS,
    weighed=_WEIGHED,
    common=_COMMON,
    common_later=_COMMON_LATER,
    joined=_JOINED,
    halves=_HALVES,
    asked=_ASKED,
    exclaimed=_EXCLAIMED,
    paired=_PAIRED,
    listed=_LISTED,
    denied=_DENIED,
    contradicted=_CONTRADICTED,
    told=_TOLD,
    closers=_CLOSERS,
    careless=_CARELESS,
    answer=re.compile(
        r"(?:Yes|Yeah|Yep|No|Nah|Nope|Definitely|Absolutely|Certainly|Of course|Count me|Great|Good|Bad|Silly|Mad|Awful|"
        r"(?:I )?(?:don't|do not|can't|strongly|) ?(?:dis)?agree|Don't agree)\b"
    ),
    object_last=re.compile(
        r"\b(?:for|against|support|oppose|back|behind|endorse|in favour of|opposed to|vote for) it\.$"
    ),
    clashes=_CLASHES,
    lone_pronoun=re.compile(r"\bI\b"),
)
