// One seal: what it is, the verdict on it, and its history.

import { el } from "../dom.js";
import { day, moment } from "../format.js";
import { icon } from "../icons.js";
import { language, say, sayValue } from "../language.js";
import { errorPanel, facts, findingList, plateChip, verdictName } from "../parts.js";
import { may, theService } from "../session.js";
import { orderForm } from "./order.js";
import { listAddress } from "./seals.js";
import { timeline, toRecord } from "./timeline.js";

const path = (number, what) => `seals/${encodeURIComponent(number)}/${what}`;

function heading({ number, plate }) {
  return el(
    "header",
    { class: "seal-head" },
    el("h1", { tabindex: "-1" }, plateChip(plate), " ", el("span", {}, say("sealTitle", { number }))),
  );
}

function banner({ conclusion, judged }) {
  const name = verdictName(conclusion);
  return el(
    "section",
    { class: `banner ${name}`, "aria-label": say("verdict") },
    icon(name, 52),
    el(
      "div",
      {},
      el("p", { class: "word" }, sayValue("verdict", name)),
      el("p", {}, sayValue("about", name)),
      judged && el("p", { class: "faint" }, say("judged"), " ", moment(judged)),
    ),
  );
}

function told(summary) {
  const late = summary.valid_until && summary.valid_until < Date.now() / 1000;
  return el(
    "section",
    { class: "panel", "aria-label": say("facts") },
    facts([
      [say("number"), summary.number],
      [say("plate"), summary.plate ?? say("none")],
      [say("meter"), summary.meter ? el("span", { class: "code" }, summary.meter) : say("none")],
      [say("state"), summary.state ? sayValue("state", summary.state) : say("none")],
      [
        say("validUntil"),
        [day(summary.valid_until), late && el("span", { class: "late" }, " ", icon("warning", 16), " ", say("overdue"))],
      ],
      [say("evidenceTime"), moment(summary.evidence_time)],
    ]),
  );
}

function found(summary, events) {
  if (summary.conclusion === null) return null;
  // The line of time has the control chain's records; those of the journal are in the bundle.
  const onLine = new Set(events.map(({ sequence }) => sequence));
  const more = (finding) =>
    el(
      "p",
      { class: "faint more" },
      el("span", {}, sayValue("layer", finding.layer)),
      el("a", { class: "code", href: listAddress({ code: finding.code }), title: say("othersWith") }, finding.code),
      finding.record !== null && onLine.has(finding.record) && toRecord(finding.record),
    );
  return el(
    "section",
    {},
    el("h2", {}, say("findingsTitle")),
    summary.findings.length === 0
      ? el("p", { class: "empty" }, say("findingsNone"))
      : findingList(summary.findings, { more }),
  );
}

// Hands a file to the browser's downloads.
function save({ blob, name }) {
  const address = URL.createObjectURL(blob);
  const link = el("a", { href: address, download: name });
  link.click();
  // Not at once: the browser reads it after this.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function actions(summary, again) {
  const { number } = summary;
  const said = el("div", { class: "said", role: "status" });

  // A button that does its work once at a time and says how it went.
  function action(word, about, work) {
    const button = el("button", { type: "button", title: about, click: run }, word);
    async function run() {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      try {
        said.replaceChildren(await work());
      } catch (problem) {
        said.replaceChildren(errorPanel(problem));
      } finally {
        button.disabled = false;
        button.removeAttribute("aria-busy");
      }
    }
    return button;
  }

  async function load(what, query, name) {
    const file = await theService().file(path(number, what), query);
    const chosen = file.name || name;
    save({ blob: file.blob, name: chosen });
    return say("loaded", { name: chosen });
  }

  async function judge() {
    await theService().post(path(number, "verdicts"));
    await again();
    return "";
  }

  async function acknowledge() {
    const { sequence } = await theService().post(path(number, "acknowledgements"));
    await again();
    return say("acknowledged", { n: sequence });
  }

  const buttons = [];
  if (may("read")) {
    buttons.push(action(say("loadBundle"), say("loadBundleAbout"), () => load("bundle", {}, `${number}.sealbundle`)));
    if (summary.conclusion === "intact") {
      buttons.push(
        action(say("loadCertificate"), say("loadCertificateAbout"), () => load("certificate", { language: language() }, `${number}.pdf`)),
      );
    }
  }
  if (may("judge")) buttons.push(action(say("judgeNow"), say("judgeNowAbout"), judge));
  if (may("acknowledge")) buttons.push(action(say("acknowledge"), say("acknowledgeAbout"), acknowledge));
  return el(
    "section",
    { class: "actions", "aria-label": say("actions") },
    el("div", { class: "buttons" }, buttons),
    summary.conclusion !== null && summary.conclusion !== "intact" && el("p", { class: "faint" }, say("noCertificate")),
    said,
    may("orders") && orderForm(number, save),
  );
}

function show({ summary, events }, { refresh }) {
  return [
    heading(summary),
    el("div", { class: "columns" }, banner(summary), told(summary)),
    actions(summary, refresh),
    found(summary, events),
    timeline(events),
  ];
}

export const seal = {
  scope: "read",
  title: ({ rest }) => say("sealTitle", { number: rest }),
  load: ({ rest }) => theService().get(path(rest, "history")),
  show,
};
