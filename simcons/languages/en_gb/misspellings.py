"""English: ordinary misspellings, and words that are typed for one another. Written for simcons."""

from __future__ import annotations


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """``word: other, other; word: other`` as a table."""
    entries = (entry.split(":") for entry in text.split(";"))
    return {
        " ".join(word.split()): tuple(" ".join(other.split()) for other in others.split(","))
        for word, others in entries
    }


# Right spelling: wrong ones that are no words themselves, so that a reader can put them right.
MISSPELT = _table(
    """
    a lot: alot; as well: aswell; in fact: infact; at least: atleast; of course: ofcourse; each other: eachother; no
    one: noone; should have: should of; would have: would of; could have: could of; might have: might of;
    definitely: definately, definetly; separate: seperate; receive: recieve; believe: beleive, belive; government:
    goverment, govt; because: becuase, becasue; environment: enviroment; necessary: neccessary, necesary; tomorrow:
    tommorow, tomorow; until: untill; truly: truely; argument: arguement; business: buisness; businesses:
    buisnesses; really: realy; people: ppl; friend: freind; friends: freinds; which: wich; probably: probly,
    probaly; though: tho; although: altho; enough: enought; opinion: opinon; different: diffrent, differnt;
    difference: diffrence; interesting: intresting; interest: intrest; beginning: begining; happened: happend;
    happening: hapening; writing: writting; getting: geting; going: goin; something: somthing; someone: somone;
    sometimes: somtimes; especially: especialy; finally: finaly; actually: actualy; usually: usualy; basically:
    basicly; completely: completly; absolutely: absolutly; immediately: immediatly; unfortunately: unfortunatly;
    fortunately: fortunatly; safely: safley; likely: likley; children: chidren; doesn't: dosn't; about: abuot;
    already: allready; all right: allright; whether: wether; weird: wierd; neighbours: neighbors; privilege:
    priviledge, privelege; government's: goverment's; available: avaliable; accommodation: accomodation; address:
    adress; across: accross; disappear: dissapear; disappoint: dissapoint; disappointed: dissapointed; successful:
    successfull; useful: usefull; beautiful: beutiful; grateful: greatful; powerful: powerfull; decision: descision;
    experience: experiance; existence: existance; independent: independant; independence: independance; relevant:
    relevent; permanent: permenant; restaurant: resturant; extremely: extremly; exercise: excercise; exaggerate:
    exagerate; occasionally: occasionaly; occurred: occured; preferred: prefered; referred: refered; benefit:
    benifit; benefits: benifits; beneficial: benificial; pollution: polution; politicians: politicans; committee:
    comittee; recommend: reccomend, recomend; tendency: tendancy; temporary: temporay; February: Febuary; Wednesday:
    Wensday; travelling: traveling; buses: busses; university: univeristy; religious: religous; forty: fourty;
    without: wihtout; against: againts; anyway: anyways; nowadays: now a days, nowdays; worrying: worring; tried:
    tryed; supposed to: suppose to; maintenance: maintenence; management: managment; guarantee: guarentee
    """
)

# Words: words of their own that are typed for them.
CONFUSED = _table(
    """
    their: there; they're: their; you're: your; it's: its; its: it's; too: to; lose: loose; losing: loosing; where: were;
    we're: were; affect: effect; affects: effects; who's: whose; quite: quiet; breathe: breath; choose: chose; paid: payed;
    brought: bought; whether: weather
    """
)

# Those of the slips above that are heard where somebody makes them, but are too rare to be written.
RARE = frozenset({"where", "quite", "affect", "affects", "breathe", "choose", "brought", "whether", "who's"})
