"""English: ways to come down on a question."""

from __future__ import annotations

import re

from simcons.languages.cues import ActionCues, VerdictCues
from simcons.languages.en_gb.text import stem_set
from simcons.languages.text import any_of, word_set

_SPEAKERS = r"(?:i|we|id|wed|us|group|panel|members|majority|most|also|nearly all|almost all|all|both)"
_ADVERBS = (
    r"(?:(?:probably|somewhat|would|do|does|did|could|will|to|not|dont|wouldnt|cant|cannot|also|all|fully|strongly|"
    r"broadly|firmly|really|"
    r"cautiously|definitely|still|reluctantly|narrowly|mostly|wholeheartedly|readily|gladly|therefore|on balance|"
    r"reservations|ended up|"
    r"in the end|generally|clearly|largely|certainly|honestly|actually|personally|just|only|never|happily|both|each|"
    r"tend to|with some reservations) )*"
)
_CAUTIOUSLY = (
    r"(?:(?:right|so|somewhat|mildly|wholeheartedly|just about|being|strongly|utterly|entirely|very|much|all|now|"
    r"still|broadly|strongly|firmly|cautiously|narrowly|totally|completely|just|not|more|mostly|"
    r"wholly|"
    r"slightly|clearly|fully|generally|definitely|really|inclined to be|quite|rather|dead|dead set|probably|also|never|"
    r"on balance|on the whole|by a whisker|in the end|in principle|only just) )*"
)
_FOR = any_of(
    r"(?:im|i am|we are|were|am|us|members|group|majority|most|and|also|still) "
    + _CAUTIOUSLY
    + r"(?:for|behind)(?! (?:me|us|now|"
    r"years|ever|example|once|instance|all|good|free|some|a (?:while|start|bit|long)|my|now)\b)",
    r"(?:come|came|comes|coming|come out|came out|ended up|end up) (?:\w+ )?(?:for|round to|out for)",
    r"in favou?r(?: of)?|all for|count me in|(?:on|took|take) the side of",
    _SPEAKERS
    + " "
    + _ADVERBS
    + r"(?:support|back|favour|favor|welcome|endorse|recommend|approve(?: of)?|applaud|advocate|urge)(?:s|ed|d)?",
    r"(?:would|also|do|not|dont|wouldnt|cant|cannot|reservations|balance) (?:support|back|favour|favor|welcome|endorse)",
    r"(?:others|some|many|the (?:group|majority|panel|rest)|(?:two|three|four|five|most|many|all|half) of us|"
    r"(?:\w+ )?members) " + _ADVERBS + r"(?:support|back|favour|favor|welcome|endorse|recommend|prefer)(?:s|ed|d|red)?",
    r"(?:our|my|the groups) (?:support|backing|preference|inclination|sympath(?:y|ies)|vote)s? (?:\w+ )?(?:is|was|are|were|"
    r"goes|went|lies) (?:\w+ )?(?:for|with|to|towards)",
    r"(?:id|wed|i would|we would|i|we) (?:\w+ )?(?:vote for|go for|say yes|be (?:\w+ )?happy|be (?:\w+ )?glad|be (?:\w+ )?"
    r"pleased|be content|agree|be up for|sign up|sign)|say yes|said yes|yes (?:from me )?to|yes please|agree with|"
    r"i agree|go ahead",
    r"(?:happy|content|glad|willing|keen|prepared|ready) (?:for|with|to)|open to|keen on|persuaded (?:of|by)|"
    r"no objections? to|nothing (?:at all )?wrong with|nowt wrong with|the case for|warm to",
    r"(?<!be )(?:good|great|excellent|sensible|brilliant|fair|right) (?:idea|thing|policy|step|move|plan|scheme)",
    r"lean(?:ing|ed|s|t)? (?:\w+ )?(?:towards|toward|to|for|in favour of)|inclined (?:to|towards)(?! (?:think|believe|"
    r"say|agree|feel))|(?:about|high) time|"
    r"makes sense",
    r"(?:love) to (?:see|have)|(?:we|i|us|group|majority) (?:call|calls|called|argue|plead) for|(?:a|an|the|cautious|"
    r"qualified|firm|clear) "
    r"yes(?= with| from|$| but| provided| if)|(?:answer|conclusion|verdict|decision|view) (?:is|was) (?:an? )?(?:\w+ )?yes|"
    r"(?:us|we|i|majority|members) (?:\w+ )?sa(?:y|id) yes|(?:towards|to) yes|liked? the idea|"
    r"(?:its|it is|it was|be|only|seems|feels) (?:\w+ )?(?:right|fair|reasonable|sensible) (?:to|"
    r"that|for)(?! (?:say|ask|note|add|point))",
)
_AGAINST = any_of(
    r"(?:im|i am|am|is|are|was|were|be|been|being|lean\w*|came|come|down|out|vote|votes|voted|decide|decided|dead|up|"
    r"still|group|us|"
    r"inclined|set|inclination|conclusion|view|verdict|decision|more|those|one|all|both|two|three|four|five|opinion|"
    r"settled|stand) "
    + _CAUTIOUSLY
    + r"against(?! the law)|opposed to|(?:are|am|were|be|is|was|firmly|strongly|dead|us) opposed|oppose[sd]?|opposing|"
    r"object to|objects to|"
    r"(?<!time )(?<!when )(?<!if )(?:we|i|id|wed|us|members) (?:\w+ ){0,4}?sa(?:y|id) no|(?:answer|conclusion|vote|"
    r"verdict|decision|view|ours) (?:is|was) (?:an? )?"
    r"(?:\w+ )?no|(?:qualified|reluctant|firm|clear|cautious|narrow|definite|resounding|hard|big|flat) no|no (?:from me )?to|"
    r"(?:would|wed|id) rather (?:\w+ ){0,4}?(?:not|didnt)|disagree with|"
    r"i disagree|we disagree|reject(?:s|ed)?|hands off|"
    r"leave .{2,30} (?:alone|be)|count me out|not having it|dead set against",
    r"(?:bad|terrible|daft|silly|stupid|awful|dreadful|wrong|mad|rotten|rubbish|ghastly|horrible|ridiculous|dangerous|poor|"
    r"crazy|barmy|lousy|foolish) (?:\w+ )?(?:idea|thing|policy|step|move|plan|scheme|priority|way|answer|approach)",
    r"a step too far",
    r"(?:mad|bonkers|mugs|fools|crazy|daft|foolish|wrong|shame|mistake|unfair|cruel|stupid|silly|folly|barmy|madness|"
    r"ridiculous|insane|immoral|unwise|reckless|wicked|spiteful|rash) (?:to|for)",
    r"(?:see|saw) no (?:\w+ )?(?:reason|case|need|point|justification) (?:to|for|in|why)|no (?:need|reason|call|case) (?:to|for)|"
    r"(?:cant|cannot|dont|couldnt) see (?:the (?:point|need|sense)|why|any (?:reason|need|point))|not persuaded (?:by|of|that)|"
    r"uneasy about|uncomfortable with|no right to|(?:not|wouldnt|never|didnt) (?:want to )?go (?:as|so|that|this|quite) far|"
    r"as far as (?:we|i) (?:\w+ ){0,3}?(?:go|willing)|where (?:we|i) (?:stop|draw)|draw the line at|stop short of|"
    r"hold out against|rule out",
)
_CONCLUDING = any_of(
    r"(?:we|us|group|majority|members|panel|inclination|preference|conclusion|view|decision|i|im|id|"
    r"wed) (?:\w+ ){0,5}?(?:in favou?r|"
    r"favou?r|favoured|favours|against|opposed|lean|leaned|leans|leant|inclined|came down|come down|came out|come out|back a)"
)
_WHOLE_ANSWERS = re.compile(r"(?:count me|hands off|leave)\b|.*\b(?:yes|no)$")
_MORE = re.compile(r"\bmore (?:for|(?P<against>against))\b(?=.*\bthan\b)")
_TAKES_BACK = any_of(
    r"(?:not|dont|do not|did not|didnt|cant|cannot|couldnt|wouldnt|would not|isnt|arent|never|wont|nobody|none of us|"
    r"no one|neither) (?:\w+ ){0,2}?(?:in favour|in favor|"
    r"for|support|back|favour|recommend|approve|endorse|prefer|happy|content|willing|keen|convinced|right|fair|"
    r"agree|welcome|vote for|against|opposed|oppose|object|a good|a bad|the right|say yes|behind|see the point|want|like|"
    r"wanted|reject|inclined|lean|love|ready|prepared|go ahead)"
)
_TORN = any_of(
    r"torn|both sides|two minds|on the fence|undecided|fifty fifty|50 50|make (?:up my mind|my mind up)|back and forth|"
    r"(?:view|opinion|feelings?|sure|mind|fussed) (?:\w+ )?either way|both ways|mixed feelings|a bit of both|bit of both|"
    r"jury(?:s| is)? (?:still )?out|six of one|"
    r"(?:cant|cannot|couldnt|could not|havent|have not|not) (?:\w+ )?(?:decide|agree on|decided|made up|settle|settled|come to|"
    r"reach|agree(?! (?:with|that)\b))|(?:no|without a) (?:settled |single |common |agreed |firm |clear |"
    r"shared )?(?:view|verdict|position|"
    r"conclusion|decision)|"
    r"(?:evenly|deeply|closely|quite|still|equally|broadly|are|is|was|were|remain|remains|ourselves|about equally|us) "
    r"(?:divided|split)|group (?:split|divided)|"
    r"divided (?:on|over|about|us)|(?:opinions?|views?|members) (?:\w+ )?(?:parted|diverged|differed|divided)|"
    r"split (?:on|over|about|down the middle)|could not agree|did not agree|unable to (?:agree|decide|settle|reach)|no agreement|"
    r"do not agree on|(?:did not|didnt|does not|do not) (?:\w+ )?(?:settle|reach|arrive at|find an answer|decide|meet|"
    r"agree about)|"
    r"reached no (?:\w+ )?(?:\w+ )?(?:answer|decision|view|verdict|conclusion|agreement)|not of one mind|"
    r"(?:left|leave|leaving) (?:it |that |the (?:\w+ ){1,3})?(?:open|undecided|unsettled)|"
    r"dont (?:really )?know (?:what to think|which|either way)|(?:i|so i) (?:honestly |really |just )*(?:dont|do not) know(?=$)|"
    r"opinions? (?:are |is )?(?:differ|divided|vary)|good (?:points|reasons|arguments) (?:on )?(?:both|each)|"
    r"sympathy for both|see (?:it )?from both|pulled (?:us )?(?:in )?(?:two|different|both) (?:directions|ways)|"
    r"hard to (?:decide|choose)|not sure (?:really|tbh|either way)(?=$)|"
    r"sit on the fence|close thing"
)
_BUT_SIDED = re.compile(
    r"\b(?:but|still|on balance|though|by a whisker|in the end|yet)\b.*\b(?:favour|against|support|oppose|lean|would|yes)"
)
_LEANING = any_of(
    r"lean|leaning|leaned|probably|slightly|tend to|on balance|i suppose|mostly|broadly|perhaps|maybe|reluctantly|"
    r"reluctant|just about|mildly|reservations|more for .* than|more against .* than|more or less|i guess|somewhat|only if|"
    r"as long as|provided|cautiously|cautious|inclined|i suspect|not sure|narrowly|if only just|qualified|uneasy|i spose|"
    r"on condition|by a whisker|with strings|for now"
)
_FINAL = any_of(
    r"on balance|overall|all in all|in the end|all things considered|when all is said|that said|on the whole|"
    r"in short|come down|came down|lean|leaned|we concluded|we conclude|our conclusion|our answer|our decision|our view|"
    r"we decided|"
    r"we recommend|for (?:these|those|that) reasons?|end up|majority|(?:three|four) of us"
)
_REPORTED = re.compile(
    r"\b(?:some(?! reservations| doubts| concerns| extent| say| form| kind| sort| money| building)|others|many people|those who|"
    r"those in favour|those against|those opposed|those for it|supporters|opponents|critics|people say|"
    r"a few(?! \w+ (?:a|per) )|several|the minority|one (?:of us|member|person|man|woman)|the (?:fifth|fourth|rest|dissenter|"
    r"other)|"
    r"one side|the other side|half of us|a minority|my (?:mum|dad|husband|wife|brother|sister|mate|neighbour|boss|son|"
    r"daughter|nan|grandad|uncle|aunt)s? (?:says?|thinks?|reckons?|is|line|said|wants?))\b"
    r"(?!.*\b(?:but i|but im|but we|however i|however im|we would|we are)\b)"
)
_OUR_VIEW = any_of(
    r"(?:the |a )?(?:broad |clear |large |narrow |small )?majority|most of us|nearly all of us|almost all of us|we all|"
    r"all of us|everyone in the group|as a group|(?:three|four|five) of us|our group|the group|we are|we would|wed|"
    r"the greater number|the larger part|by (?:three|four) (?:votes )?to|(?:the )?rest of us|we came|we come"
)
_ANAPHOR = re.compile(
    r"^(?:(?:of|on|to|about|with|making|doing|having|introducing|bringing|that|for|see|seeing) )*"
    r"(?:it|one|them|such (?:a|an)|either|(?:this|that|the|any)(?: \w+)?(?: idea| proposal| ban| change| policy| plan|"
    r" suggestion| move| scheme| law| rule| charge| tax| restriction| limit)|"
    r"(?:this|that)(?= (?:because|as|since|but|and|so|for|mainly|one|at|in|on|if|though|however|law|tax)\b|$))\b"
)
_AFTER_ANSWER = (
    r"(?= (?:i|we|id|wed|im|to|please|definitely|absolutely|not|this|that|sorry|because|never|make|let|it|its|thats|thanks|"
    r"thank|ta|from|no|yes|way|they|hands|leave|keep|scrap|bring|by all means|of course|but only|and)\b|$)"
)
_YES = re.compile(
    r"^(?:well |oh |so |then |course )*(?:yes|yeah|yep|aye|absolutely|definitely|of course|course (?:it|they|we) should|"
    r"certainly|"
    r"totally agree|agreed|go on then|too right)(?! not\b| no\b)(?!.*\b(?:but|only|though|however|yet|except)\b)"
    + _AFTER_ANSWER
    + r"|\b(?:so|hence|then|therefore) (?:its |it is )?(?:a )?(?:yes|yeah)(?: from me| please)?(?: \w+){0,4}$|"
    r"\byes from (?:me|us)\b"
)
_NO = re.compile(
    r"^(?:well |oh |so |then |god |sorry |er |um |nah )*(?:no|nope|nah|never|absolutely not|definitely not|"
    r"certainly not|of course "
    r"not|no way|course not|not a chance|no chance|no thanks?|not likely)"
    + _AFTER_ANSWER
    + r"|^abso\w+ not|\b(?:so|hence|then|therefore) (?:its |it is )?(?:a )?no(?: from me)?(?: \w+){0,2}$|\bno from (?:me|us)\b|"
    r"\bno (?:thank you(?: very much)?|thanks|ta)\b|^no sorry\b|\bno no\b"
)
# With their mark: "No, leave it", which loses it when normalised.
_YES_MARKED = re.compile(
    r"^\W*(?:yes|yeah|yep|aye|absolutely|definitely)(?:[.,!:;–—]| - )(?!.*\b(?:but|only|though|yet)\b)", re.IGNORECASE
)
_NO_MARKED = re.compile(
    r"^\W*(?:no|nope|nah|never)(?:[.,!:;–—]| - )(?!.*\bbut\b)|[,.;:–—]\s*(?:so )?no[.!]*$", re.IGNORECASE
)

_OPENERS = (
    r"^(?:(?:so|please|just|by \w+ to \w+|for (?:those|these|that) reasons?|overall|on balance|i think|i say|i believe|"
    r"and|but|then|personally|"
    r"honestly|now|well|simply|better|best|if you ask me|imo|look|right|ok|oh|well just|do|far better|rather|i reckon|id say|"
    r"instead|subject to that|on condition|with safeguards|in the end|reluctantly|we think|we feel|we believe|we agreed|yes|"
    r"with respect|as a group|time to|lets|let us|why not|go on|always|at least|thats it|mate|sorry) )*"
)
_WISHING = (
    r"(?:would|d|should|must|ought to|want|wants|wanted|need to|needs to|have to|has to|do not|does not|dont|wouldnt|"
    r"shouldnt|will|"
    r"rather|sooner|like|prefer|wish|propose|recommend|decided|agreed|voted|chose|choose|hope|intend|therefore)"
)
_WISHERS = (
    r"(?:(?:most|three|four|all|nearly all|almost all|the majority|the rest|a majority|the greater number|the larger part|five|"
    r"the greater part|the larger part) of (?:us|the group)|the (?:\w+ )?(?:group|panel|majority)|our (?:group|panel)|"
    r"a (?:\w+ )?majority|members|this group|i|we|parliament|the government|ministers|britain|the country|the law|"
    r"the state)"
)
_WILL = (
    r"(?:wed|id|theyd|our (?:\w+ )?(?:conclusion|view|answer|preference|decision|vote) (?:on the whole )?(?:is|"
    r"was)(?: that)?|lets|"
    r"let us|time to|"
    + _WISHERS
    + r"(?: by \w+ to \w+)?(?: (?:also|all|both|each|on balance|narrowly|therefore|still|in the end|reluctantly|"
    r"cautiously|mostly))*"
    r"(?: of (?:the )?(?:group|us))? "
    + _WISHING
    + r") (?:(?:not|never|to|see|have|also|still|even|only|simply|just|much|definitely|happily|be (?:happy|glad|content|"
    r"willing) to|"
    r"on balance|then|certainly|gladly|in the end|all|both|each|like|rather|sooner|prefer|want|wish|be|narrowly|therefore|"
    r"reluctantly|us) )*"
)
_WISH = re.compile(_OPENERS + "(?:" + _WILL + ")?")
_WISH_LATER = re.compile(r"\b" + _WILL)
_MODAL = any_of(
    r"should|shouldnt|ought|oughtnt|must|mustnt|need to|let|wed like to see|id like to see|would like to see|want|wed|id|would"
)
_OUGHT = any_of(r"should|shouldnt|ought to|oughtnt|must|mustnt|needs? to|has to|have to")
_NOT = re.compile(
    r"\b(?:not|shouldnt|oughtnt|mustnt|dont|doesnt|no|never|wouldnt|isnt|cant|cannot|nobody|without|arent|neednt|stop short|wont|"
    r"nor|no one|none|instead of|rather than)\b(?! (?:only|just|least|longer|matter|doubt|question|more))"
)
_DENIED = re.compile(
    r"\b(?:dont|do not|not|doubt|wrong|disagree|isnt|cant|never|oppose|against|opposed|unconvinced|sceptical|reject)\b"
)

# --- what should be done ------------------------------------------------------------------------------------------

_REMOVE = stem_set(
    """ban banned banning scrap scrapped scrapping abolish abolished abolition stop stopped stopping forbid forbidden outlaw
    outlawed outlawing illegal prohibit prohibited prohibition remove removed removal cut cutting reduce reducing reduction
    replace replaced replacing rid bin binned ditch ditched end ended ending axe axed drop dropped dump dumped prevent block
    criminalise removing withdraw phase confiscate freeze frozen kill repeal refuse"""
)
_KEEP = stem_set(
    """keep keeping kept leave leaving left stay staying remain remains remaining retain retained retaining continue continuing
    preserve preserving maintain maintaining hold holding stick"""
)
_LET = stem_set("allow allowed allowing allows let letting lets permit permitted permitting legalise able")
_START = stem_set(
    """rise introduce introduced introducing bring brought adopt adopted start begin extend build building make
    making raise raised
    increase lower lowering charge charging pay give giving have require requiring publish try trial legislate legislating enforce
    change changing reform"""
)
_IMPERATIVES = word_set(
    """ban scrap abolish stop forbid outlaw prohibit remove replace get bin ditch end axe drop dump block repeal keep leave retain
    allow let permit introduce bring adopt build make raise lower give put double do crack start send hand take
    phase lock hold forget"""
)
_CONDITIONAL = re.compile(
    r"\b(?:and|or)(?: then)? (?:ill|youll|itll|theyll|well|wed|youd|it|they|you|i|watch|see|what)(?: (?:will|would|just|"
    r"all|might|"
    r"can|end up|get|have|be))?\b|\b(?:and then what)\b|\byou (?:limit|end|get|lose|break)\b|^(?:if|when)\b"
)
_AWAY = any_of(
    r"(?:keep|keeping|kept|lock|locked|take|taken|hold) (?:\w+ ){0,6}?(?:off|away|out)(?! (?:\w+ )?(?:of (?:their|our|"
    r"my|the)|alone))|"
    r"against the law|keep off|keep out|get rid|getting rid|do away|done away|(?:an|put an) end|phase out|switch off|"
    r"turn (?:\w+ )?down|(?:should|must|(?:ought|has|have|needs|got|had|wants) to) go(?! (?:home|back|to|ahead|up|out|"
    r"into|on|for|first|"
    r"through|down|further|together|where|there|in|along|with)\b)|time (?:it|they) went|send (?:\w+ )?packing"
)
_QUO = any_of(
    r"(?:keep|leave|stay|stays|remain|fine|good|ok|okay|happy|hold|left|kept|better|best|alone|well|"
    r"right) (?:\w+ ){0,4}?(?:as|where|how|"
    r"the way) (?:it|they|things|that) (?:is|are|stands?|stand)|as is|as things (?:are|stand)|well alone|be(?=$)|"
    r"leave (?:it|them|things|well) (?:alone|be)|aint broke?n?|isnt broke?n?|not broken|not broke|"
    r"(?:the )?(?:present|current|existing|old) (?:law|rules?|system|arrangements?|limit|hours?|age)|status quo|"
    r"works? (?:fine|well|perfectly)|fine as|doing fine|leaving things|leave that|leave it(?=$)|carry on as|hold back|"
    r"is plenty(?=$)|good enough as"
)
_NEW = any_of(
    r"bring (?:it|them|that|this|one|something) (?:in|on|back|home)|get (?:it|this) (?:done|in|sorted)|crack on|get on with it|"
    r"make it happen|do it|go for it|put it (?:up|in|through)|double it|start (?:it|now|tomorrow)|just do|roll it out|"
    r"bring in|phase in|make it (?:the )?(?:law|so|happen|compulsory|free)|(?:hand|give|send|ship|take) (?:it|them|"
    r"the \w+|everything|the lot) (?:all )?(?:back|home)"
)

# --- what is thought of it ------------------------------------------------------------------------------------------

_PRAISE = any_of(
    r"about time|high time|(?:long |well )?overdue|no brainer|(?:cant|cannot|couldnt) come (?:soon|quick|fast) enough|"
    r"(?:the )?(?:sooner|quicker) the better|why (?:not|wait|on earth not|ever not|shouldnt|dont (?:we|they))|whats not to like|"
    r"where do (?:i|we) sign|(?:decades|donkeys years|years|ages|long|generations) ago|only (?:right|fair|just|decent|proper)|"
    r"fairs fair|(?:sounds?|seems?|feels?|looks?) (?:\w+ )?(?:fair|right|good|sensible|great|reasonable|worth|about right)|"
    r"good for (?:them|everyone|us)|(?:perfectly|entirely|quite|completely|very) (?:fair|right|reasonable|sensible|justified)|"
    r"(?:would|could|should) be (?:\w+ )?(?:fair|right|good|great|brilliant|lovely|marvellous|wonderful|wise|justified|welcome|"
    r"worthwhile|fantastic|better)(?! (?:to|if|than|not|off))|"
    r"(?:nothing|nowt) wrong with|(?:no|any) (?:harm|problem) (?:in|with)|no problem|brilliant|smashing|cracking|spot on|bravo|"
    r"hear hear|(?:id |we )?(?:love|loved) (?:it|that|this|to see it)|(?:perfect|good|complete|total|common|plain|every|"
    r"simple) sense|"
    r"makes sense|made sense|(?:has|have|needs|got|had) to (?:be done|happen)|needs (?:doing|to be done|to happen)|"
    r"worth (?:doing|"
    r"it|having|trying|a try|a go|every penny)|bring (?:it|them) on|(?:give|gave|have) (?:it|them|this) a (?:go|try|"
    r"whirl)|(?:right|decent|humane|kind|proper|fair) thing(?: to do)?|"
    r"(?:a )?kindness|world of good|good on|fair enough|fair play|all the way|great (?:idea|stuff)|"
    r"win win|the right (?:way|answer|approach|course|line)|step (?:forward|"
    r"in the right direction)|(?:fine|ok|okay|good|alright) by (?:me|us)|yes please|please do|with my blessing|(?:got|"
    r"has) my vote|"
    r"thumbs up|where (?:i|we) stand|one hundred percent|100 percent|100|is (?:right|justified|warranted)|(?:right|"
    r"fair) and proper"
)
_BLAME = any_of(
    r"waste of (?:\w+ )?(?:money|time|space|effort|cash|breath)|(?:costly |cheap |silly )?gimmicks?|(?:serious |big |"
    r"huge |terrible |"
    r"bad |grave |costly |real |massive |great )?mistake|over my dead body|not on your (?:nelly|life)|no (?:way|chance|fear)|"
    r"not a (?:chance|hope|prayer)|get lost|jog on|forget (?:it|that)|(?:get|gerr?) (?:stuffed|knotted)|bog off|leave it out|"
    r"bargepole|barge pole|pie in the sky|nanny stat\w*|big brother|police state|(?:snoopers|nosy parkers|snobs|cheats|thieves|"
    r"muggers|crooks) charter|(?:cash|money|power) (?:grab|making|spinner)|stealth tax|(?:another|yet another|"
    r"just another|just a) "
    r"tax|white elephant|recipe for|slippery slope|(?:step|bridge) too far|(?:goes|going|go|gone|took|taking|"
    r"takes) (?:\w+ )?(?:too "
    r"far|further than)|over the top|heavy handed|sledgehammer|overreaction|overkill|crying shame|(?:be|is|its) a "
    r"(?:\w+ )?(?:shame|disaster|tragedy|scandal|outrage|nightmare|travesty|joke|farce|con|nonsense|catastrophe|betrayal|cheek|"
    r"liberty|fad|stunt|cop out|insult)|backwards? step|step (?:back|backwards?)|(?:not|isnt|never) the (?:\w+ )?(?:answer|way|"
    r"solution|time|right)|(?:we|country|nation|state|britain) (?:cant|cannot) afford|(?:cant|cannot) be right|(?:dont|"
    r"do not|nobody|no one) needs? "
    r"(?:it|this|that|any)|no place|no business|(?:keep|get) (?:your|its|their|the) (?:big )?(?:nose|noses|hands|law) out|"
    r"(?:not|are not|im not|were not) (?:\w+ )?(?:persuaded|convinced|sold)|unconvinced|sceptical|(?:wouldnt|would not) (?:dream|"
    r"bother|touch|wish it|entertain)|not worth (?:it|the)|(?:far |much |way )?too (?:harsh|dangerous|young|risky|much|"
    r"crude|blunt|"
    r"costly|dear|expensive|intrusive|soft|extreme|heavy|complicated|strict|soon|cruel|severe)|(?:so|very|such|deeply|"
    r"plain|downright|"
    r"frankly|just|utterly|simply|totally|completely|bit|seems|is|are|its|be|thats|a) (?:\w+ )?(?:daft|unfair|wrong|stupid|"
    r"ridiculous|cruel|mad|bonkers|barmy|crazy|silly|creepy|petty|spiteful|barbaric|unjust|unworkable|pointless|"
    r"cowardly|mean|nuts|"
    r"mental|madness|insane|folly|disgusting|disgraceful|nonsense|rubbish|lunacy|lazy|foolish|reckless|nasty|wicked|immoral|"
    r"un british|sinister|bananas|ludicrous|absurd|dreadful|awful|terrible|shameful|unwise|unthinkable|heartless|pathetic|"
    r"laughable|counterproductive|unnecessary|patronising|draconian|theatre)|"
    r"^(?:daft|unfair|ridiculous|creepy|petty|barmy|madness|lunacy|folly|silly|stupid|cruel|barbaric|pointless|"
    r"disgraceful|nonsense|"
    r"rubbish|terrible|awful|a terrible|bonkers|crazy|insane|poison|dreadful|spiteful|wrong)|(?:not|wouldnt|"
    r"dont) (?:\w+ )?have it|"
    r"not another (?:penny|pound|tax|one)|not (?:one|a single) (?:penny|brick|pound|inch|more)|money (?:down|pit)|"
    r"(?:down|off) a cliff|"
    r"no (?:thanks|thank you|ta)|tooth and nail|is poison|are poison|(?:they|it) can whistle|don(?:t| t) (?:you )?dare|"
    r"please dont|"
    r"ugh|not for me|let (?:the market|people|them|folk|parents|families|each) (?:\w+ )?(?:sort|decide|choose|get on)|"
    r"up to (?:the )?(?:parents|people|individuals?|families|them|us|you)|not in my (?:name|book|house|town|village)|"
    r"isnt justice|family silver|wrong (?:priority|priorities)|thumbs down|"
    r"nowhere near|let off|soft as|wont work|will never work|(?:wont|will not) make (?:a |any |"
    r"the )?(?:blind )?(?:bit of )?difference"
)
# Of what there is: worn out, or good as it is.
_STALE = any_of(
    r"(?:has |have |had )(?:well and truly )?had (?:its|their) (?:day|time)|had its day|relics?|past (?:its|"
    r"their) (?:sell by|best|time|"
    r"prime)|outdated|out of date|outmoded|antiquated|dinosaurs?|good riddance|anachronis\w+|belongs? in (?:a museum|"
    r"the (?:past|dark "
    r"ages|last century))|not fit for purpose|(?:wouldnt|would not|wont|wouldn t) (?:be )?miss(?:ed)?|sacred cow|grave robbing|"
    r"daylight robbery|robbery|racket|rip off|swindle|(?:the|this|that) (?:\w+ )?(?:rule|law|restriction|present system|"
    r"set up)s? (?:is|are) "
    r"(?:\w+ )?(?:bonkers|daft|mad|silly|stupid|unfair|nonsense|ridiculous|wrong|madness|crazy)"
)
_TREASURED = any_of(
    r"served us well|jewel in|crown jewels?|national treasure|envy of the world|if it aint broke?|best (?:thing|of both)|bargain|"
    r"worth every penny|irreplaceable|miss it when|fairest|crown jewel|(?:are|is|theyre|its) fine (?:where|as)"
)
_PROPOSAL = any_of(
    r"would|wouldnt|idea|proposal|plan|scheme|policy|gimmick|law|wed|id|itd|scrapping|banning|abolishing|ending|"
    r"replacing|cutting|"
    r"stopping|a ban|bans|making|forcing"
)
_RESTRICTING = stem_set(
    """tax taxes charge charged charging limit compulsory made double extra ban banned fine pay cull culled replace check kept
    cut force forced"""
)

# --- points that are granted ----------------------------------------------------------------------------------------

_GRANTING = re.compile(
    r"^(?:(?:and|but|oh|well|look|now) )*(?:yes|yeah|ok|okay|sure|true|fine|right|course|of course|naturally|obviously|agreed|"
    r"no doubt|certainly|fair (?:point|enough)|to be fair|admittedly|granted|undoubtedly|undeniably|"
    r"i (?:recognise|appreciate|grant|admit|accept|concede|know|agree|understand|see|get|can see|can well|"
    r"dont (?:deny|doubt))|we (?:accept|know)|"
    r"ill (?:grant|give|admit)|theres no denying|nobody denies|no one denies|its (?:true|fair))\b"
)
_SETTING_ASIDE = re.compile(
    r"\b(?:but|yet|still|though|although|however|even so|all the same|nevertheless|nonetheless|that said|then again|so what)\b"
)

VERDICTS = VerdictCues(
    favouring=_FOR,
    opposing=_AGAINST,
    whole_answers=_WHOLE_ANSWERS,
    comparing=_MORE,
    taking_back=_TAKES_BACK,
    torn=_TORN,
    torn_but_sided=_BUT_SIDED,
    leaning=_LEANING,
    summing_up=_FINAL,
    reported=_REPORTED,
    shared=_OUR_VIEW,
    anaphor=_ANAPHOR,
    yes=_YES,
    no=_NO,
    yes_marked=_YES_MARKED,
    no_marked=_NO_MARKED,
    wish=_WISH,
    later_wish=_WISH_LATER,
    concluding=_CONCLUDING,
    conditional=_CONDITIONAL,
    modal=_MODAL,
    obliging=_OUGHT,
    negating=_NOT,
    denying=_DENIED,
    praising=_PRAISE,
    blaming=_BLAME,
    worn_out=_STALE,
    treasured=_TREASURED,
    proposal=_PROPOSAL,
    not_so=re.compile(
        r"\b(?:not|isnt|aint|hardly|wouldnt|arent|wasnt|never|dont|doesnt|nothing|far from|anything but)(?: \w+)? ?$|"
        r"^(?:\w+ ){0,3}?(?:dont|do not|cant|cannot) (?:\w+ )?(?:think|believe|feel|reckon|see)\b"
    ),
    infinitive=re.compile(r"^ ?(?:to|for|that)\b"),
    granting=_GRANTING,
    setting_aside=_SETTING_ASIDE,
    actions=ActionCues(
        removing=_REMOVE,
        keeping=_KEEP,
        letting=_LET,
        starting=_START,
        restricting=_RESTRICTING,
        taken_away=_AWAY,
        as_it_is=_QUO,
        brought_in=_NEW,
        imperatives=_IMPERATIVES,
        light=word_set("let give make take put build allow"),
        enjoying=stem_set("able get"),
        restrictions=stem_set(
            "restriction restrictions rule rules ban bar law limit limits curb curbs prohibition barrier curfew cap"
        ),
        pronouns=word_set("it them em this that one things everything"),
    ),
)
