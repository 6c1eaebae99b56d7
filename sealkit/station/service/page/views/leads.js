// What is unusual in the fleet: kept apart from verdicts, and marked so.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { pick, say, sayValue } from "../language.js";
import { sealLink } from "../parts.js";
import { theService } from "../session.js";

const SEAL = /^\d+-\d+$/;

function item(lead) {
  const { subject } = lead;
  return el(
    "li",
    { class: "lead-item" },
    icon("lead", 24),
    el(
      "div",
      {},
      el("p", { class: "message" }, sayValue("lead", lead.kind), ": ", SEAL.test(subject) ? el("a", { class: "number", href: sealLink(subject) }, subject) : el("strong", {}, subject)),
      el("p", {}, pick(lead.detail)),
      el("span", { class: "tag" }, say("leadMark")),
    ),
  );
}

function show(found) {
  return [
    el("h1", { tabindex: "-1" }, say("leadsTitle")),
    el("p", { class: "panel leads-about" }, icon("note", 24), say("leadsAbout")),
    found.length > 0 ? el("ul", { class: "plain" }, found.map(item)) : el("p", { class: "empty" }, say("leadsNone")),
  ];
}

export const leads = {
  scope: "read",
  title: () => say("leadsTitle"),
  load: () => theService().get("leads"),
  show,
};
