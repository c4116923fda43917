// What the page does once it is there: nothing but the first session and round is opened before it is asked for.

function download(name, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function failed(part, error) {
  part.append(el("p", { class: "failed", role: "alert" }, error.message));
}

/** `#round=0/s00001-r1`: the round of a run, wherever the link stands. */
function linkedRound() {
  const [, run, round] = /^#round=(\d+)\/(.+)$/.exec(decodeURIComponent(location.hash)) ?? [];
  return round === undefined ? null : { run, round };
}

async function openLinked(rounds) {
  const linked = linkedRound();
  if (!linked) return;
  const select = rounds.part.querySelector("[data-run]");
  if (select) select.value = linked.run;
  await rounds.fill(linked.round);
  rounds.part.scrollIntoView();
  rounds.part.querySelector("h2").focus();
}

/** Opened once it comes near the screen, so that the first paint does not wait for it. */
function whenNear(part, open) {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    part.classList.remove("unopened");
    open().catch((error) => failed(part, error));
  }, { rootMargin: "400px" });
  watch.observe(part);
}

for (const button of document.querySelectorAll("[data-csv]")) {
  button.addEventListener("click", async () => {
    const [run, name] = [button.dataset.run, button.dataset.csv];
    download(`${button.dataset.file}.csv`, csv(await table(run, name)));
  });
}

const replayPart = document.getElementById("replay");
const roundsPart = document.getElementById("rounds");
if (replayPart) {
  const replay = new Replay(replayPart);
  whenNear(replayPart, () => replay.fill());
}
if (roundsPart) {
  const rounds = new Rounds(roundsPart);
  whenNear(roundsPart, () => (linkedRound() ? openLinked(rounds) : rounds.fill()));
  window.addEventListener("hashchange", () => openLinked(rounds).catch((error) => failed(roundsPart, error)));
}
