// The same round in several runs, beside each other: one question, discussed by groups of one number.

const BESIDE = "beside"; // of the select of runs: all of them

class Beside {
  constructor(rounds, labels) {
    [this.rounds, this.labels] = [rounds, labels];
  }

  /** Rounds that two runs or more have, as [key, one record a run or undefined]. */
  async shared() {
    const byRun = await Promise.all(this.labels.map((_, run) => this.byKey(run)));
    const keys = [...new Set(byRun.flatMap((rounds) => [...rounds.keys()]))];
    return keys.map((key) => [key, byRun.map((rounds) => rounds.get(key))]).filter(([, records]) => records.filter(Boolean).length > 1);
  }

  async byKey(run) {
    return new Map(allRows(await table(run, "rounds")).map((round) => [`${round.session_id} ${round.question_id}`, round]));
  }

  async entries() {
    return (await this.shared()).map(([key, records]) => [key, `${key.split(" ")[0]}: ${records.find(Boolean).question}`]);
  }

  /** All of a round. Runs in which it was not begun keep their column. */
  async elements(key) {
    const [, records] = (await this.shared()).find(([other]) => other === key) ?? [];
    if (!records) return ["The runs have no round in common: the same question, discussed by groups of the same number."];
    const all = await Promise.all(records.map((round, run) => (round ? this.rounds.read(run, round.round_id) : null)));
    const there = all.find(Boolean);
    const heads = this.columns("heads", all, (data, run) => [el("strong", {}, this.labels[run]), data ? [" ", el("a", { href: `#round=${run}/${data.round.round_id}`, "aria-label": visible(`${this.labels[run]} in full`) }, "in full"), el("span", { class: "muted" }, ` ${this.rounds.facts(data.round).filter(Boolean).join(" · ")}`)] : " has no such round"]);
    return [this.rounds.question(there, []), ...this.people(all), el("h4", {}, "What was selected"), heads, ...this.arms(all), this.others(all)];
  }

  /** A cell a run, each under the run's name where the page is too narrow for columns. */
  columns(kind, all, make) {
    const cells = all.map((data, run) => el("div", { role: "group", "aria-label": visible(this.labels[run]) }, kind === "heads" ? null : el("p", { class: "run muted" }, this.labels[run]), make(data, run)));
    return el("div", { class: `beside ${kind}`, style: `--runs:${all.length}` }, cells);
  }

  // --- people ---

  /** Those who wrote the same in every run once; others who are in several runs a row each; then those of one run alone. */
  people(all) {
    const there = all.filter(Boolean);
    const ids = [...new Set(there.flatMap((data) => data.people.map((person) => person.participant_id)))].sort();
    const alike = ids.filter((id) => new Set(there.map((data) => this.said(data, id))).size === 1);
    const again = ids.filter((id) => !alike.includes(id) && this.isShared(there, id));
    const once = alike.map((id) => this.rounds.person(there[0], this.member(there[0], id)));
    const rows = again.map((id) => this.columns("", all, (data) => this.voice(data, id)));
    const own = (data) => (data?.people ?? []).filter((person) => !alike.includes(person.participant_id) && !again.includes(person.participant_id));
    const voices = (data) => own(data).map((person) => this.voice(data, person.participant_id));
    return [
      once.length ? [el("h4", {}, once.length < ids.length ? "The same in every run" : "Opinions, the same in every run"), el("ol", { class: "people" }, once)] : [],
      rows.length ? [el("h4", {}, "Opinions that differ"), ...rows] : [],
      there.some((data) => own(data).length) ? [el("h4", {}, "People of one run alone"), this.columns("", all, voices)] : [],
    ].flat();
  }

  /** True if somebody is in several runs, and the same person: ids are given anew by another seed. */
  isShared(there, id) {
    const who = there.map((data) => this.member(data, id)?.who).filter((name) => name !== undefined);
    return who.length > 1 && new Set(who).size === 1;
  }

  member(data, id) {
    return data.people.find((person) => person.participant_id === id);
  }

  /** Who somebody is, what they wrote, and the position that they gave, as one text. */
  said(data, id) {
    const mine = (name) => data[name].filter((record) => record.participant_id === id);
    return JSON.stringify([this.member(data, id)?.who, mine("opinions").map((opinion) => opinion.text), mine("positions").map((position) => position.rating)]);
  }

  voice(data, id) {
    const person = data && this.member(data, id);
    return person ? el("ol", { class: "people" }, this.rounds.person(data, person)) : el("p", { class: "muted" }, "Not in this group.");
  }

  // --- statements ---

  /** A row for each arm that two runs have; then what is left, by run. */
  arms(all) {
    const names = all.map((data) => [...new Set((data?.selections ?? []).map((pick) => pick.arm))]);
    const shared = [...new Set(names.flat())].filter((arm) => names.filter((mine) => mine.includes(arm)).length > 1);
    const rows = shared.map((arm) => [el("h5", {}, arm), ...this.inOrder(all, arm)]);
    const left = names.map((mine) => mine.filter((arm) => !shared.includes(arm)));
    if (!left.some((mine) => mine.length)) return rows.flat();
    const others = this.columns("", all, (data, run) => (left[run].length ? left[run].map((arm) => this.picks(data, arm)) : el("p", { class: "muted" }, "None.")));
    return [...rows.flat(), el("h5", {}, shared.length ? "Mediators of one run alone" : "Mediators"), others];
  }

  /** A row for each statement that an arm picked: the first of each run beside one another, then the second. */
  inOrder(all, arm) {
    const picks = all.map((data) => this.picks(data, arm));
    const most = Math.max(...picks.map((mine) => mine.length));
    return Array.from({ length: most }, (_, k) => this.columns("", all, (_data, run) => picks[run][k] ?? ""));
  }

  picks(data, arm) {
    const picks = (data?.selections ?? []).filter((pick) => pick.arm === arm);
    return picks.length ? picks.map((pick) => this.pick(data, pick)) : [el("p", { class: "muted" }, "No such mediator in this run.")];
  }

  pick(data, pick) {
    const candidate = data.candidates.find((each) => each.candidate_id === pick.candidate_id);
    return el("div", {}, el("p", {}, this.rated(data, candidate)), this.rounds.statement(data, candidate), later("Why this one", () => el("p", {}, this.rounds.why(data, pick))));
  }

  /** Mean and lowest agreement, of first ratings. */
  rated(data, candidate) {
    const given = data.ratings.filter((rating) => rating.candidate_id === candidate.candidate_id && rating.pass_index === 1 && rating.agreement !== null).map((rating) => rating.agreement);
    if (!given.length) return "Not rated.";
    const mean = given.reduce((sum, rating) => sum + rating, 0) / given.length;
    return [el("strong", {}, fixed(mean)), ` mean agreement of ${given.length}, lowest ${Math.min(...given)}`];
  }

  /** Statements that were shown and that no arm had picked. */
  others(all) {
    const of = (data) => (data?.candidates ?? []).filter((each) => each.shown && !data.selections.some((pick) => pick.candidate_id === each.candidate_id));
    if (!all.some((data) => of(data).length)) return "";
    return later("Other statements that were shown", () => this.columns("", all, (data) => of(data).map((each) => this.rounds.statement(data, each))));
  }
}
