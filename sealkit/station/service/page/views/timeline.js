// A seal's history as a line of time: who did what, and what was sealed before and after.

import { el } from "../dom.js";
import { count, moment, year } from "../format.js";
import { icon } from "../icons.js";
import { pick, say, sayValue } from "../language.js";
import { badge, findingList, verdictName } from "../parts.js";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const TURNED = { open: "opened", sealed: "closed", retired: "retired" };

// More histories than these are drawn in the last lane: a narrow screen has no room for more.
const LANES = 3;

const ONLY = {
  all: () => true,
  chain: ({ kind }) => kind === "order" || kind === "tamper" || kind === "record",
  ledger: ({ kind }) => kind === "evidence" || kind === "verdict" || kind === "acknowledgement",
};

// What the reader chose, kept while the page is open.
const chosen = { only: "all", newestFirst: true };

const placeOf = (sequence) => document.querySelector(`[data-record="${sequence}"]`);

// A link to a record's place on the line, which is shown whatever is chosen. Where a seal has two
// histories, both have a record of that number; it leads to the first in sight.
export function toRecord(sequence) {
  return el("button", { type: "button", class: "link", click: () => reveal(sequence) }, say("toRecord", { n: sequence }));
}

function reveal(sequence) {
  const all = document.querySelector("input[name=only][value=all]");
  if (placeOf(sequence) === null && all !== null) all.click();
  const place = placeOf(sequence);
  if (place === null) return;
  place.scrollIntoView({ block: "center" });
  place.focus();
}

function signers(event) {
  const people = event.signers.map((signer) =>
    el(
      "span",
      { class: "person", title: say("keyOf", { key: signer.key }) },
      el("strong", {}, signer.name),
      " ",
      el("span", { class: "faint" }, sayValue("role", signer.role)),
    ),
  );
  if (people.length > 0) return el("p", { class: "who" }, el("span", { class: "faint" }, say("by")), people);
  if (!event.submitter) return null;
  return el("p", { class: "who" }, el("span", { class: "faint" }, say("submittedBy")), el("strong", {}, event.submitter));
}

// A parameter's value: words in the reader's language, times in local ones, all else as it is.
function value(text) {
  if (text === null) return el("span", { class: "faint" }, say("none"));
  return TIME.test(text) ? moment(Date.parse(text) / 1000) : sayValue("value", text);
}

function changes({ changes: changed }) {
  if (changed.length === 0) return null;
  const first = changed.every(({ before }) => before === null);
  return el(
    "details",
    { open: !first },
    el("summary", {}, say(first ? "changesFirst" : "changesSome", { n: count(changed.length) })),
    el(
      "table",
      { class: "changes" },
      el("thead", {}, el("tr", {}, ["parameter", "before", "after"].map((word) => el("th", { scope: "col" }, say(word))))),
      el(
        "tbody",
        {},
        changed.map((change) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, pick(change.name)),
            el("td", { class: "before", "data-label": say("before") }, value(change.before)),
            el("td", { class: "after", "data-label": say("after") }, value(change.after)),
          ),
        ),
      ),
    ),
  );
}

// The mark of an event: a verdict's, or for an order that turned the seal's state that of the state.
function markOf(event, turned) {
  if (event.kind === "verdict") return verdictName(event.conclusion);
  return event.kind === "order" && turned.has(event) ? (TURNED[event.state] ?? "order") : event.kind;
}

// The events after which the seal was in another state than before.
function turning(events) {
  const states = new Map();
  return new Set(
    events.filter((event) => {
      if (event.sequence === null) return false;
      // Another history begins in the state in which it leaves the first.
      const turns = event.state !== (states.get(event.branch) ?? states.get(0));
      states.set(event.branch, event.state);
      return turns;
    }),
  );
}

// Where a history parts: an item of its own behind the last record in common, so that the line can be
// seen to branch.
function withParts(events) {
  const forks = events
    .filter(({ parts_after: after }) => after !== null)
    .map(({ branch, parts_after: after, time }) => ({ kind: "fork", branch, after, time }));
  return events.flatMap((event) => [
    event,
    ...forks.filter(({ branch, after }) => event.branch < branch && event.sequence === after),
  ]);
}

// The lanes beside each item: each history from its first event in sight to its last, and from where
// it parts from the first history. from, to: the lane begins or ends at this item's mark.
function lanes(items) {
  const first = new Map();
  const last = new Map();
  items.forEach(({ kind, branch }, place) => {
    for (const one of kind === "fork" ? [0, branch] : [branch]) {
      if (!first.has(one)) first.set(one, place);
      last.set(one, place);
    }
  });
  return items.map((_, place) =>
    [...first.keys()]
      .filter((branch) => first.get(branch) <= place && place <= last.get(branch))
      .map((branch) => ({ branch, from: first.get(branch) === place, to: last.get(branch) === place })),
  );
}

function laneOf({ branch, from, to }) {
  const lane = el("span", { class: `lane${branch === 0 ? "" : " other"}${from ? " from" : ""}${to ? " to" : ""}`, "aria-hidden": "true" });
  lane.style.setProperty("--lane", String(Math.min(branch, LANES)));
  return lane;
}

function forkItem({ branch, after }) {
  return el(
    "li",
    { class: "event fork" },
    el("span", { class: "mark" }, icon("fork", 26)),
    el("div", { class: "body" }, el("p", { class: "what" }, say("forkHere", { n: after })), el("p", {}, say("forkAbout", { n: count(branch + 1) }))),
  );
}

function placed(item, beside, deepest, turned) {
  const element = item.kind === "fork" ? forkItem(item) : eventItem(item, turned);
  element.style.setProperty("--lane", String(Math.min(item.branch, LANES)));
  element.style.setProperty("--lanes", String(Math.min(deepest, LANES)));
  if (item.branch > 0) element.classList.add("other");
  element.prepend(...beside.map(laneOf));
  return element;
}

function eventItem(event, turned) {
  const name = markOf(event, turned);
  const ofSeal = event.sequence !== null;
  const numbers = [
    ofSeal && say("recordNumber", { n: event.sequence }),
    event.leaf !== null && say("leafNumber", { n: event.leaf }),
    ofSeal && event.state && say("stateAfter", { state: sayValue("state", event.state) }),
  ].filter(Boolean);
  return el(
    "li",
    { class: `event ${event.kind} ${name}`, "data-record": event.sequence, tabindex: "-1" },
    el("span", { class: "mark" }, icon(name, 26)),
    el(
      "div",
      { class: "body" },
      el(
        "p",
        { class: "when" },
        moment(event.time),
        event.time_uncertain && el("span", { class: "tag", title: say("uncertainAbout") }, say("uncertain")),
        el("span", { class: "faint" }, numbers.join(" · ")),
      ),
      el("p", { class: "what" }, event.kind === "verdict" ? [say("verdict"), badge(event.conclusion)] : el("span", { class: "told" }, pick(event.what))),
      signers(event),
      event.reason && el("p", {}, el("span", { class: "faint" }, say("reason"), ": "), pick(event.reason)),
      changes(event),
      event.findings.length > 0 &&
        el(
          "details",
          { class: "small" },
          el("summary", {}, say("findingsCount", { n: count(event.findings.length) })),
          findingList(event.findings),
        ),
    ),
  );
}

function line(events) {
  const turned = turning(events);
  const shown = withParts(events).filter((event) => event.kind === "fork" || ONLY[chosen.only](event));
  if (chosen.newestFirst) shown.reverse();
  const beside = lanes(shown);
  const deepest = Math.max(0, ...shown.map(({ branch }) => branch));
  const years = [];
  shown.forEach((event, place) => {
    const name = event.time ? year(event.time) : say("none");
    if (years.at(-1)?.name !== name) years.push({ name, items: [] });
    years.at(-1).items.push(placed(event, beside[place], deepest, turned));
  });
  return years.map(({ name, items }) => [el("h3", {}, name), el("ol", { class: "timeline" }, items)]);
}

export function timeline(events) {
  const place = el("div", {}, line(events));
  const draw = () => place.replaceChildren(...line(events).flat());
  const options = Object.keys(ONLY).map((only) =>
    el(
      "label",
      { class: "tick" },
      el("input", {
        type: "radio",
        name: "only",
        value: only,
        checked: only === chosen.only,
        change: () => {
          chosen.only = only;
          draw();
        },
      }),
      sayValue("only", only),
    ),
  );
  const order = el(
    "label",
    { class: "tick" },
    el("input", {
      type: "checkbox",
      checked: chosen.newestFirst,
      change: (event) => {
        chosen.newestFirst = event.target.checked;
        draw();
      },
    }),
    say("newestFirst"),
  );
  return el(
    "section",
    { class: "history", "aria-label": say("historyTitle") },
    el("h2", {}, say("historyTitle")),
    events.length === 0
      ? el("p", { class: "empty" }, say("historyNone"))
      : [el("fieldset", { class: "only" }, el("legend", { class: "unseen" }, say("historyShow")), options, order), place],
  );
}
