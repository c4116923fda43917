// One round in full: what was asked and said, what was proposed, how it was chosen, and how it was rated.

const VALUES = ["economic", "authority", "environment", "openness", "tradition", "technology"];
const ENDS = { economic: ["left", "right"], authority: ["libertarian", "authoritarian"], environment: ["growth first", "protection"], openness: ["closed", "open"], tradition: ["change", "tradition"], technology: ["wary", "keen"] };
const CARELESS = { uniform: "answers at random", stuck: "answers 5 or 6 to nearly everything", straight: "gives one answer throughout" };
const FAMILY = { 0: "utilitarian", 1: "Nash", inf: "Rawlsian" };
const MIND_CALLS = "truth/mind_calls";
const LISTED = { up: "options from 1 up", down: "options from 7 down" };
const TIES = { random: "decided at random", first: "decided by the order drawn", random_ballot: "decided by one person's order, drawn at random" };
const PLACES = { 1: "first", 2: "second", 3: "third" };

class Rounds {
  constructor(part) {
    this.part = part;
    this.find = (name) => part.querySelector(`[data-round="${name}"]`);
    this.choice = this.find("choice");
    this.choice.addEventListener("change", () => this.open());
    part.querySelector("[data-run]")?.addEventListener("change", () => this.fill());
    this.find("before").addEventListener("click", () => step(this.choice, -1));
    this.find("after").addEventListener("click", () => step(this.choice, 1));
    this.find("truth").addEventListener("change", (event) => part.classList.toggle("without-truth", !event.target.checked));
    this.arms = JSON.parse(document.getElementById("arm-settings").textContent);
    const labels = [...part.querySelectorAll("[data-run] option")].filter((option) => option.value !== BESIDE);
    this.beside = new Beside(this, labels.map((option) => option.textContent));
  }

  /** True while all runs are looked at. */
  get several() {
    return this.part.querySelector("[data-run]")?.value === BESIDE;
  }

  async fill(roundId = null) {
    options(this.choice, this.several ? await this.beside.entries() : await this.entries());
    if (roundId !== null) this.choice.value = roundId;
    await this.open();
  }

  async entries() {
    return allRows(await table(chosenRun(this.part), "rounds")).map((round) => [round.round_id, `${round.round_id}: ${round.question}`]);
  }

  async open() {
    if (this.several) return this.find("body").replaceChildren(...(await this.beside.elements(this.choice.value)));
    const data = await this.read(chosenRun(this.part), this.choice.value);
    this.find("body").replaceChildren(...(data ? [this.question(data), this.people(data), this.selection(data), ...this.statements(data)] : ["No round was begun in this run."]));
  }

  /** Everything that the page holds of a round. */
  async read(run, roundId) {
    const [round] = rows(await table(run, "rounds"), "round_id", roundId);
    if (!round) return null;
    const names = ["positions", "opinions", "candidates", "selections", "ratings", "rankings", "truth/positions", "truth/appraisals", "report/calls"];
    if (holds(run, MIND_CALLS)) names.push("truth/elicitations");
    const tables = await Promise.all(names.map((name) => table(run, name)));
    const data = Object.fromEntries(names.map((name, k) => [name, rows(tables[k], "round_id", roundId)]));
    return { ...data, run, round, ...(await this.joined(run, round, data)) };
  }

  /** What is found by person, opinion or candidate rather than by round. */
  async joined(run, round, data) {
    const people = await members(run, round.session_id);
    const personas = await table(run, "truth/personas");
    for (const person of people) [person.truth] = rows(personas, "participant_id", person.participant_id);
    const meant = await table(run, "truth/opinions");
    for (const opinion of data.opinions) [opinion.truth] = rows(meant, "opinion_id", opinion.opinion_id);
    const of = async (name) => {
      const from = await table(run, name);
      return new Map(data.candidates.map((candidate) => [candidate.candidate_id, rows(from, "candidate_id", candidate.candidate_id)]));
    };
    const [scores, trueScores, utilities, welfare] = await Promise.all(["scores", "truth/oracle_scores", "report/utilities", "report/welfare"].map(of));
    return { people, scores, trueScores, utilities, welfare };
  }

  question({ round }, ownFacts = this.facts(round)) {
    const about = [round.topic && `topic ${words(round.topic)}`, round.split && `split ${words(round.split)}`, ...ownFacts];
    return el("div", {}, el("h3", {}, round.question), round.position_statement ? el("p", {}, "Position statement, rated first: ", el("q", {}, round.position_statement)) : null, el("p", { class: "muted" }, about.filter(Boolean).join(" · ")));
  }

  /** What another run may have otherwise. */
  facts(round) {
    return [counted(round.n_opinions, "opinion"), round.complete ? null : "not rated to the end"];
  }

  // --- people ---

  people(data) {
    return el("ol", { class: "people" }, data.people.map((person) => this.person(data, person)));
  }

  person(data, person) {
    const mine = (name) => data[name].filter((record) => record.participant_id === person.participant_id);
    const opinion = mine("opinions")[0];
    const [trueOne] = mine("truth/positions");
    return el("li", { class: "card" },
      el("h4", {}, [person.number, person.who].filter(Boolean).join(". ")),
      mine("positions").map((position) => el("p", { class: "position" }, position.moment === "after" ? "Position afterwards " : "Position ", this.scale(position.rating), trueOne && position.moment !== "after" ? this.trueNote(`truly ${fixed(trueOne.position)}`) : null)),
      opinion ? el("p", { class: "said" }, opinion.text) : el("p", { class: "muted" }, "No opinion in time."),
      opinion?.cut_short ? el("p", { class: "muted" }, "Cut short by the time limit.") : null,
      this.askedOf(data, (row) => row.participant_id === person.participant_id && row.candidate_id === null),
      this.truthOf(person, opinion, data.round));
  }

  /** A rating from 1 to 7 as a row of dots with the number. */
  scale(rating) {
    if (rating === null) return "not given";
    const dots = Array.from({ length: 7 }, (_, k) => el("i", { class: k + 1 === rating ? "on" : null }));
    return el("span", { class: "scale", role: "img", "aria-label": `${rating} of 7` }, dots, el("b", { "aria-hidden": "true" }, rating));
  }

  trueNote(text) {
    return el("span", { class: "truth" }, " ", badge(text, "true"));
  }

  truthOf(person, opinion, round) {
    if (!person.truth) return null;
    const bars = VALUES.filter((value) => value in person.truth).map((value) => this.value(value, person.truth[value]));
    const careless = person.truth.careless_from_at !== null && person.truth.careless_from_at <= round.ended_at;
    const meant = opinion?.truth;
    return el("div", { class: "truth" }, badge("truth", "true"),
      el("dl", { class: "values" }, bars),
      meant ? el("p", {}, meant.stance === null ? "Careless: meant nothing in particular." : `Means: ${words(meant.stance).replace("strong ", "strongly ")}${meant.stated ? "" : ", without saying so"}${meant.claims.length ? `; points: ${meant.claims.map(words).join(", ")}` : ""}.`) : null,
      meant?.attack ? el("p", {}, `Hostile: ${meant.attack}.`) : null,
      careless ? el("p", {}, `Careless: ${CARELESS[person.truth.carelessness] ?? "no longer reads the questions"}.`) : null);
  }

  /** A position on a value dimension, in standard deviations, as a dot between its two ends. */
  value(name, position) {
    const place = 50 + (50 * Math.max(-3, Math.min(3, position))) / 3;
    return [el("dt", {}, name), el("dd", {}, el("span", { class: "ends" }, ENDS[name][0]), el("span", { class: "line", role: "img", "aria-label": `${fixed(position, 1)} standard deviations` }, el("i", { style: `left:${place.toFixed(1)}%` })), el("span", { class: "ends" }, ENDS[name][1]))];
  }

  // --- the choice ---

  selection(data) {
    const arms = [...new Set(data.selections.map((pick) => pick.arm))];
    return el("section", { class: "selection" }, el("h4", {}, "What was selected, and why"), arms.length ? arms.map((arm) => this.arm(data, arm)) : el("p", { class: "muted" }, "No arm selected a statement."));
  }

  arm(data, arm) {
    const picks = data.selections.filter((pick) => pick.arm === arm);
    const weighed = picks.some((pick) => data.utilities.get(pick.candidate_id)?.some((row) => row.arm === arm));
    return el("div", { class: "card" }, el("h5", {}, arm, picks[0].upper_bound ? badge("upper bound: saw the truth", "true") : null),
      picks.map((pick) => el("p", {}, this.why(data, pick))),
      weighed ? later("Utilities and welfare of every candidate", () => this.ranking(data, arm, picks)) : null);
  }

  why(data, pick) {
    const name = `${short(pick.candidate_id)}${pick.omitted ? ` (from opinions without ${pick.omitted})` : ""}`;
    if (pick.tie_rule === null) return `Shows ${name}; how it was chosen is not recorded.`;
    if (pick.rule === null) return `Shows ${name}: nothing was ranked; candidates are shown in the order drawn.`;
    const scorer = this.arms[data.run]?.[pick.arm]?.scorer;
    const rule = pick.alpha === null ? pick.rule : `the ${FAMILY[pick.alpha] ?? "isoelastic"} rule (α = ${pick.alpha === "inf" ? "∞" : Number(pick.alpha.toFixed(3))})`;
    const welfare = pick.welfare === null ? "" : `, welfare ${fixed(pick.welfare, 3)}`;
    const tie = pick.n_tied > 1 ? ` ${pick.n_tied} tied; ${TIES[pick.tie_rule] ?? `decided by ${pick.tie_rule}`}${pick.decided_by ? `: that predicted for ${this.number(data, pick.decided_by)}` : ""}.` : " No tie.";
    const redraws = pick.redraws ? ` Drawn again ${pick.redraws} times, as the statement had been picked.` : "";
    return `Shows ${name}: ${PLACES[pick.pick] ?? `number ${pick.pick}`} under ${rule}${welfare}${this.runnerUp(data, pick)}; scores of ${scorer ?? "its scorer"}, utility map ${pick.utility_map}.${tie}${redraws}`;
  }

  /** How far the best candidate is ahead, where one alpha ranked all. */
  runnerUp(data, pick) {
    const all = this.welfares(data, pick.arm).filter((entry) => entry.omitted === pick.omitted);
    if (pick.pick !== 1 || pick.welfare === null || all.some((entry) => entry.several)) return "";
    const next = all.map((entry) => entry.welfare).sort((a, b) => b - a)[1];
    return next === undefined ? "" : ` (the next: ${fixed(next, 3)})`;
  }

  welfares(data, arm) {
    return data.candidates.flatMap((candidate) => {
      const mine = (data.welfare.get(candidate.candidate_id) ?? []).filter((row) => row.arm === arm);
      return mine.length ? [{ id: candidate.candidate_id, omitted: candidate.omitted, welfare: mine[0].welfare, several: mine.length > 1, rule: mine[0].rule }] : [];
    });
  }

  ranking(data, arm, picks) {
    const welfare = new Map(this.welfares(data, arm).map((entry) => [entry.id, entry.welfare]));
    const chosen = new Set(picks.map((pick) => pick.candidate_id));
    const lines = data.candidates.flatMap((candidate) => {
      const mine = (data.utilities.get(candidate.candidate_id) ?? []).filter((row) => row.arm === arm);
      if (!mine.length) return [];
      const cells = data.people.map((person) => fixed(mine.find((row) => row.participant_id === person.participant_id)?.utility));
      return [{ value: welfare.get(candidate.candidate_id) ?? -Infinity, marked: chosen.has(candidate.candidate_id), cells: [`${short(candidate.candidate_id)}${chosen.has(candidate.candidate_id) ? " ✓" : ""}`, fixed(welfare.get(candidate.candidate_id) ?? null, 3), ...cells] }];
    });
    lines.sort((a, b) => b.value - a.value);
    return grid(`Utilities by person, and welfare, under ${arm}`, ["", "welfare", ...data.people.map((person) => String(person.number))], lines);
  }

  // --- statements ---

  statements(data) {
    const shown = data.candidates.filter((candidate) => candidate.shown).sort((a, b) => a.slate_place - b.slate_place);
    const others = data.candidates.filter((candidate) => !candidate.shown);
    const made = [el("h4", {}, `${counted(shown.length, "statement")} shown to the group`), el("div", { class: "statements" }, shown.map((candidate) => this.statement(data, candidate)))];
    if (others.length) made.push(later(`${counted(others.length, "candidate")} not shown`, () => el("div", { class: "statements" }, others.map((candidate) => this.statement(data, candidate)))));
    return made;
  }

  statement(data, candidate) {
    const picked = [...new Set(data.selections.filter((pick) => pick.candidate_id === candidate.candidate_id).map((pick) => pick.arm))];
    const calls = data["report/calls"].filter((call) => call.generator === candidate.generator && call.omitted === candidate.omitted && call.sample === candidate.sample);
    return el("article", { class: "card" },
      el("h5", {}, short(candidate.candidate_id), picked.map((arm) => badge(arm, "arm"))),
      el("p", { class: "said" }, candidate.text),
      el("p", { class: "muted" }, this.origin(data, candidate)),
      this.judgements(data, candidate),
      this.askedOf(data, (row) => row.candidate_id === candidate.candidate_id),
      calls.length ? later(this.cost(calls), () => calls.map((call) => this.call(call))) : null);
  }

  origin(data, candidate) {
    if (candidate.source === "opinion") return `The opinion of ${this.number(data, candidate.author_id)}, put to the vote.`;
    const authors = candidate.opinion_ids.map((id) => data.people.find((person) => person.participant_id === data.opinions.find((opinion) => opinion.opinion_id === id)?.participant_id)?.number ?? "?");
    if (candidate.sample === null) return candidate.generator ? `By ${candidate.generator}.` : "By whom is not recorded.";
    return `By the generator of ${candidate.generator}, sample ${candidate.sample + 1}, from the opinions of ${authors.join(", ") || "nobody"}${candidate.truncated ? "; cut off at the token limit" : ""}.`;
  }

  /** A line a person: what was predicted, what was answered in each pass, and the truth. */
  judgements(data, candidate) {
    const id = candidate.candidate_id;
    const scorers = [...new Set(data.scores.get(id).map((score) => score.scorer))];
    const ratings = data.ratings.filter((rating) => rating.candidate_id === id);
    const scales = ["agreement", "quality", "represented"].filter((scale) => ratings.some((rating) => rating[scale] !== null && rating[scale] !== undefined));
    const ranked = data.rankings.some((ranking) => ranking.candidate_id === id);
    const truths = data["truth/appraisals"].filter((appraisal) => appraisal.candidate_id === id);
    const predicted = scorers.length === 1 ? ["predicted"] : scorers.map((scorer) => `predicted by ${scorer}`);
    const head = ["", ...predicted, ...scales, ranked ? "rank" : null, truths.length ? el("span", { class: "truth" }, "truth") : null].filter((name) => name !== null);
    if (head.length === 1) return null;
    const lines = data.people.map((person) => {
      const mine = (list) => list.filter((record) => record.participant_id === person.participant_id);
      const given = mine(ratings).sort((a, b) => a.pass_index - b.pass_index);
      const rank = mine(data.rankings).find((ranking) => ranking.candidate_id === id)?.rank;
      const cells = [String(person.number), ...scorers.map((scorer) => fixed(mine(data.scores.get(id)).find((score) => score.scorer === scorer)?.score)), ...scales.map((scale) => given.map((rating) => rating[scale] ?? "–").join(", ") || "–")];
      if (ranked) cells.push(rank ?? "–");
      if (truths.length) cells.push(el("span", { class: "truth" }, fixed(mine(truths)[0]?.agreement)));
      return cells;
    });
    const passes = ratings.some((rating) => rating.pass_index === 2) ? ", first and second" : "";
    const told = [scorers.length && "predicted agreement", scales.length && `ratings given${passes}`, ranked && "rank"].filter(Boolean);
    return grid(`By person: ${told.join("; ")}`, head, lines, { truth: truths.length ? "; true agreement" : null });
  }

  /** What a model was asked in people's place; the calls themselves are many, and opened when asked for. */
  askedOf(data, which) {
    const asked = (data["truth/elicitations"] ?? []).filter(which);
    if (!asked.length) return null;
    const n = asked.reduce((total, row) => total + row.attempts, 0);
    return later(`${counted(n, "model call")} in people's place`, () => this.mindCalls(data, which), { class: "truth" });
  }

  mindCalls(data, which) {
    const place = el("div", { class: "calls" }, "Opening …");
    const none = () => el("p", { class: "muted" }, "The page has no room for the calls of this round. They are in the run folder's store of calls.");
    const fill = (from) => {
      const calls = rows(from, "round_id", data.round.round_id).filter(which);
      place.replaceChildren(...(calls.length ? calls.map((call) => later(this.asked(data, call), () => this.call(call))) : [none()]));
    };
    table(data.run, MIND_CALLS).then(fill).catch((error) => failed(place, error));
    return place;
  }

  asked(data, call) {
    const order = LISTED[call.listed] ? `, ${LISTED[call.listed]}` : "";
    return `${this.number(data, call.participant_id)}, ${call.about}${order}: ${this.used([call])}`;
  }

  cost(calls) {
    return `${counted(calls.length, "model call")}: ${this.used(calls)}`;
  }

  used(calls) {
    const sum = (name) => calls.reduce((total, call) => total + call[name], 0);
    return `${sum("tokens_in").toLocaleString("en-GB")} tokens in, ${sum("tokens_out").toLocaleString("en-GB")} out, ${fixed(sum("seconds"), 1)} s`;
  }

  call(call) {
    return el("div", {}, el("p", { class: "muted" }, `Attempt ${call.attempt}, engine ${call.engine}, ended by ${call.finish}.`), el("h6", {}, "Prompt"), el("pre", { tabindex: "0" }, call.prompt), call.reasoning ? [el("h6", {}, "Reasoning"), el("pre", { tabindex: "0" }, call.reasoning)] : [], el("h6", {}, "Reply"), el("pre", { tabindex: "0" }, call.reply));
  }

  number(data, participantId) {
    const person = data.people.find((each) => each.participant_id === participantId);
    return person ? `person ${person.number}` : String(participantId);
  }
}
