// The fleet at a glance.

import { el } from "../dom.js";
import { count, moment, share } from "../format.js";
import { icon } from "../icons.js";
import { say, sayValue } from "../language.js";
import { sealTable } from "../parts.js";
import { theService } from "../session.js";

const NAMES = ["intact", "broken", "undetermined", "notJudged"];
const NEWEST = 10;

const numbers = ({ counts }) => ({ ...counts, notJudged: counts.not_judged });

function tile(name, word, number, about, address) {
  return el(
    "a",
    { class: `tile ${name}`, href: address },
    el("span", { class: "word" }, icon(name === "overdue" ? "warning" : name, 22), word),
    el("span", { class: "figure" }, count(number)),
    el("span", { class: "faint" }, about),
  );
}

function bar(told, seals) {
  const parts = NAMES.filter((name) => told[name] > 0).map((name) => {
    const part = el("span", { class: name, title: `${sayValue("verdict", name)}: ${count(told[name])}` });
    part.style.flexGrow = String(told[name] / seals);
    return part;
  });
  const label = NAMES.map((name) => `${sayValue("verdict", name)} ${count(told[name])}`).join(", ");
  return el("div", { class: "bar", role: "img", "aria-label": `${say("barLabel")}: ${label}` }, parts);
}

// Only of a fleet that was judged, all of it, may it be said that all is well.
function nothingNew(seals, told) {
  if (seals === 0) return el("p", { class: "empty" }, icon("notJudged", 28), say("fleetEmpty"));
  if (told.notJudged > 0) return el("p", { class: "empty" }, icon("notJudged", 28), say("newestNotAll"));
  return el("p", { class: "empty" }, icon("intact", 28), say("newestNone"));
}

function show(overview) {
  const told = numbers(overview);
  const { seals } = overview;
  const newest = overview.newest.slice(0, NEWEST);
  return [
    el("h1", { tabindex: "-1" }, say("fleetTitle")),
    el(
      "p",
      { class: "summary" },
      el("span", {}, el("strong", {}, count(seals)), " ", say("sealsKept")),
      el("span", {}, el("strong", {}, count(overview.evidences)), " ", say("evidencesKept")),
      el("span", {}, el("strong", {}, count(overview.leaves)), " ", say("leavesKept")),
      el("span", { class: "faint" }, say("asOf"), " ", moment(overview.time)),
    ),
    seals > 0 && bar(told, seals),
    el(
      "div",
      { class: "tiles" },
      NAMES.map((name) =>
        tile(name, sayValue("verdict", name), told[name], say("ofFleet", { share: share(told[name], seals) || "0 %" }), `#/seals?verdict=${name}`),
      ),
      tile("overdue", say("overdue"), overview.overdue, say("overdueAbout"), "#/seals?overdue=true"),
    ),
    el("h2", {}, say("newest")),
    newest.length > 0
      ? sealTable(say("newest"), newest, overview.time, { short: true })
      : nothingNew(seals, told),
  ];
}

export const overview = {
  scope: "read",
  title: () => say("fleetTitle"),
  load: () => theService().get("overview"),
  show,
};
