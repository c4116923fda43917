// The members of a group, as every part of the page names them.

const SEXES = { female: "woman", male: "man" };

function described(person) {
  return [SEXES[person.sex] ?? person.sex, person.age, person.region].filter((trait) => trait !== null && trait !== undefined).join(", ");
}

/** The members of a session in the order of their ids: their rows, with `number` from 1 and `who` in words. */
async function members(run, sessionId) {
  const people = rows(await table(run, "participants"), "session_id", sessionId);
  people.sort((a, b) => (a.participant_id < b.participant_id ? -1 : 1));
  return people.map((person, k) => ({ ...person, number: k + 1, who: described(person) }));
}

/** The end of a candidate's id, which tells it from the others of its round. */
function short(id) {
  const [, end] = /-([^-]+)$/.exec(id) ?? [];
  return end ?? id;
}

/** The run that is looked at: one select in each part of a page of several runs. */
function chosenRun(part) {
  return Number(part.querySelector("[data-run]")?.value ?? 0);
}

/** Sessions of a run in the order in which they began, as options: sessions with rounds alone. */
async function sessionEntries(run) {
  const sessions = allRows(await table(run, "sessions"));
  sessions.sort((a, b) => a.started_at - b.started_at);
  return sessions.map((session) => [session.session_id, `${session.session_id}: ${session.group_size} people, ${counted(session.n_rounds, "round")}`]);
}
