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
CONFUSED = _table(
    """
    their: there, they're; there: their; they're: there, their; you're: your; your: you're; it's: its; its: it's;
    too: to; lose: loose; losing: loosing; where: were; were: where; we're: were; affect: effect; affects: effects;
    who's: whose; quite: quiet; breathe: breath; choose: chose; paid: payed; brought: bought; whether: weather
    """
)
