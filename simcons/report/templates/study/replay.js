// The replay: every member's screens on the session's time line, played and scrubbed.

const KINDS = {
  position: "rating", position_again: "rating", rating: "rating", ranking: "rating", opinion: "writing",
  lobby: "waiting", wait_slate: "waiting", wait_round: "waiting",
};
const SCREENS = {
  screening: "answers the screening questions", consent: "reads the consent form", lobby: "waits in the lobby",
  instructions: "reads the instructions", position: "rates the position statement", opinion: "writes an opinion",
  wait_slate: "waits for the statements", rating: "reads and rates a statement", ranking: "ranks the statements",
  position_again: "rates the position statement again", wait_round: "waits for the others", debrief: "reads the debriefing",
};
const ENDINGS = { finished: "has finished", dropped_out: "has dropped out", group_ended: "has left: the group became too small" };
const TICK = 100; // milliseconds of real time between two moments of a replay

class Replay {
  constructor(part) {
    this.part = part;
    this.find = (name) => part.querySelector(`[data-replay="${name}"]`);
    [this.session, this.time, this.play, this.lanes, this.now] = ["session", "time", "play", "lanes", "now"].map(this.find);
    this.session.addEventListener("change", () => this.open());
    part.querySelector("[data-run]")?.addEventListener("change", () => this.fill());
    this.find("before").addEventListener("click", () => step(this.session, -1));
    this.find("after").addEventListener("click", () => step(this.session, 1));
    this.play.addEventListener("click", () => (this.timer ? this.pause() : this.start()));
    this.time.addEventListener("input", () => this.show());
    for (const event of ["pointerdown", "pointermove"]) this.lanes.addEventListener(event, (pointer) => this.scrub(pointer));
  }

  async fill() {
    options(this.session, await sessionEntries(chosenRun(this.part)));
    await this.open();
  }

  /** Draw the chosen session, at its beginning. */
  async open() {
    this.pause();
    const run = chosenRun(this.part);
    const [record] = rows(await table(run, "sessions"), "session_id", this.session.value);
    if (!record) return this.lanes.replaceChildren("No group met in this run.");
    if (record.started_at === null) return this.lanes.replaceChildren("No times were recorded in this run: there is nothing to replay.");
    this.rounds = rows(await table(run, "rounds"), "session_id", record.session_id).sort((a, b) => a.round_index - b.round_index);
    const screens = rows(await table(run, "screens"), "session_id", record.session_id);
    this.people = await members(run, record.session_id);
    for (const person of this.people) person.screens = screens.filter((screen) => screen.participant_id === person.participant_id);
    this.record = record;
    this.begin = Math.min(record.started_at, ...screens.map((screen) => screen.entered_at));
    this.seconds = Math.max(record.ended_at, ...screens.map((screen) => screen.left_at)) - this.begin;
    this.time.max = Math.ceil(this.seconds);
    this.time.value = 0;
    this.draw();
    this.show();
  }

  draw() {
    const marks = this.rounds.map((round, k) => el("span", { class: "round-mark", style: `left:${this.at(round.started_at)}%` }, `Round ${k + 1}`));
    const lanes = this.people.map((person) => el("div", { class: "lane" }, el("div", { class: "who" }, `${person.number}. ${person.who}`), el("div", { class: "track" }, [...person.screens.map((screen) => this.bar(screen)), this.gone(person)])));
    this.head = el("span", { class: "playhead" });
    this.lanes.replaceChildren(el("div", { class: "marks", "aria-hidden": "true" }, marks), ...lanes, el("div", { class: "over", "aria-hidden": "true" }, this.head));
  }

  at(seconds) {
    return ((100 * (seconds - this.begin)) / this.seconds).toFixed(3);
  }

  bar(screen) {
    const [left, right] = [this.at(screen.entered_at), this.at(screen.left_at)];
    const words = `${SCREENS[screen.screen] ?? screen.screen}${screen.timed_out ? ", until the time limit" : ""}`;
    return el("span", { class: `bar ${KINDS[screen.screen] ?? "other"}`, style: `left:${left}%;width:${(right - left).toFixed(3)}%`, title: visible(`${clock(screen.entered_at - this.begin)} to ${clock(screen.left_at - this.begin)}: ${words}`) });
  }

  /** The rest of the session of someone who left it before its end. */
  gone(person) {
    const left = Math.max(...person.screens.map((screen) => screen.left_at));
    if (person.outcome === "finished" || !(left < this.record.ended_at)) return null;
    return el("span", { class: "bar gone", style: `left:${this.at(left)}%;right:0`, title: ENDINGS[person.outcome] ?? "has left" });
  }

  scrub(pointer) {
    if (pointer.type === "pointermove" && pointer.buttons !== 1) return;
    const box = this.lanes.getBoundingClientRect();
    this.time.value = Math.round((this.seconds * (pointer.clientX - box.left)) / box.width);
    this.show();
  }

  start() {
    if (Number(this.time.value) >= Number(this.time.max)) this.time.value = 0;
    this.play.textContent = "Pause";
    this.timer = setInterval(() => {
      const speed = Number(this.find("speed").value);
      this.time.value = Math.min(Number(this.time.value) + Math.max(1, Math.round((speed * TICK) / 1000)), Number(this.time.max));
      this.show();
      if (this.time.value === this.time.max) this.pause();
    }, TICK);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  /** The moment that the slider is at. */
  show() {
    const seconds = Number(this.time.value);
    const moment = this.begin + seconds;
    this.time.setAttribute("aria-valuetext", clock(seconds));
    this.find("clock").textContent = `${clock(seconds)} of ${clock(this.seconds)}`;
    this.head.style.left = `${this.at(moment)}%`;
    this.now.replaceChildren(this.stage(moment), el("ol", { class: "states" }, this.people.map((person) => this.state(person, moment))));
  }

  stage(moment) {
    const k = this.rounds.findLastIndex((round) => round.started_at <= moment);
    if (k < 0) return el("p", {}, "Before the first round.");
    const round = this.rounds[k];
    const where = moment > round.ended_at ? `After round ${k + 1}: ` : `Round ${k + 1}: `;
    return el("p", {}, el("strong", {}, where), round.question, " ", el("a", { href: `#round=${chosenRun(this.part)}/${round.round_id}` }, "Open this round"));
  }

  state(person, moment) {
    const screen = person.screens.find((each) => each.entered_at <= moment && moment < each.left_at);
    const ended = person.screens.every((each) => each.left_at <= moment);
    const words = screen ? this.inWords(screen) : ended ? (ENDINGS[person.outcome] ?? "has left") : "is not here yet";
    return el("li", {}, el("span", { class: `bar ${screen ? (KINDS[screen.screen] ?? "other") : "gone"}` }), ` ${person.number}. ${person.who}: ${words}`);
  }

  inWords(screen) {
    if (screen.screen !== "rating") return SCREENS[screen.screen] ?? screen.screen;
    return `reads and rates statement ${short(screen.candidate_id)}${screen.pass_index === 2 ? ", for the second time" : ""}`;
  }
}
