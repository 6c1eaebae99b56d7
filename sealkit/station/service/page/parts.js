// Pieces that several pages share.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { count, day, moment } from "./format.js";
import { pick, say, sayValue } from "./language.js";

export const sealLink = (number) => `#/seal/${encodeURIComponent(number)}`;

export const verdictName = (conclusion) => conclusion ?? "notJudged";

export function badge(conclusion) {
  const name = verdictName(conclusion);
  return el("span", { class: `badge ${name}` }, icon(name, 18), sayValue("verdict", name));
}

export function plateChip(plate) {
  return plate ? el("span", { class: "plate" }, plate) : el("span", { class: "faint" }, say("noPlate"));
}

// A definition list: [[word, value], ...]; a value of null is left out.
export function facts(pairs) {
  return el(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value !== null)
      .map(([word, value]) => el("div", {}, el("dt", {}, word), el("dd", {}, value))),
  );
}

export function errorPanel({ message, remedy, code }, retry = null) {
  return el(
    "section",
    { class: "panel error", role: "alert" },
    icon("warning", 28),
    el(
      "div",
      {},
      el("p", { class: "message" }, message),
      remedy && el("p", {}, el("strong", {}, say("whatToDo")), " ", remedy),
      code && el("p", { class: "faint code" }, code),
      retry && el("button", { type: "button", click: retry }, say("retry")),
    ),
  );
}

// A table whose rows become cards on a narrow screen. columns: [[heading, cell of a row], ...]
export function table(caption, columns, rows) {
  return el(
    "table",
    { class: "list" },
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, columns.map(([heading]) => el("th", { scope: "col" }, heading)))),
    el(
      "tbody",
      {},
      rows.map((row) =>
        el("tr", {}, columns.map(([heading, cell]) => el("td", { "data-label": heading }, cell(row)))),
      ),
    ),
  );
}

// In a list only what decided, or warns: that a verdict is as of its evidence goes for all.
function foundIn({ findings: all }) {
  const findings = all.filter(({ severity }) => severity !== "note");
  if (findings.length === 0) return el("span", { class: "faint" }, say("none"));
  const [first, ...others] = findings;
  return el(
    "div",
    { class: "found" },
    el("span", {}, pick(first.message)),
    others.length > 0 && el("div", { class: "faint" }, say("more", { n: count(others.length) })),
  );
}

export function sealTable(caption, seals, now, { short = false } = {}) {
  const until = (seal) =>
    el("span", { class: seal.valid_until && seal.valid_until < now ? "late" : "" }, day(seal.valid_until));
  const columns = [
    [say("number"), (seal) => el("a", { class: "number", href: sealLink(seal.number) }, seal.number)],
    [say("plate"), (seal) => plateChip(seal.plate)],
    [say("verdict"), (seal) => badge(seal.conclusion)],
    [say("findings"), foundIn],
    ...(short
      ? [[say("judged"), (seal) => moment(seal.judged)]]
      : [
          [say("state"), (seal) => (seal.state ? sayValue("state", seal.state) : say("none"))],
          [say("validUntil"), until],
          [say("evidenceTime"), (seal) => moment(seal.evidence_time)],
        ]),
  ];
  return table(caption, columns, seals);
}

function findingItem(finding, more) {
  return el(
    "li",
    { class: `finding ${finding.severity}` },
    icon(finding.severity, 22),
    el(
      "div",
      {},
      el("p", { class: "message" }, el("span", { class: "unseen" }, sayValue("severity", finding.severity), ": "), pick(finding.message)),
      el("p", { class: "remedy" }, el("strong", {}, say("whatToDo")), " ", pick(finding.remedy)),
      more(finding),
    ),
  );
}

// Findings in the service's order, those of one code together: the first in sight, the others folded.
export function findingList(findings, { more = () => null } = {}) {
  const byCode = new Map();
  for (const finding of findings) byCode.set(finding.code, [...(byCode.get(finding.code) ?? []), finding]);
  const items = [...byCode.values()].map(([first, ...alike]) => [
    findingItem(first, more),
    alike.length > 0 &&
      el(
        "li",
        { class: "alike" },
        el(
          "details",
          {},
          el("summary", {}, say("alike", { n: count(alike.length) })),
          el("ul", { class: "plain" }, alike.map((finding) => findingItem(finding, more))),
        ),
      ),
  ]);
  return el("ul", { class: "plain" }, items);
}
