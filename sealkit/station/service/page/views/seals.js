// Lists of seals: filtered, page by page.

import { el } from "../dom.js";
import { say, sayValue } from "../language.js";
import { sealTable } from "../parts.js";
import { theService } from "../session.js";

const PAGE = 50;
const VERDICTS = ["intact", "broken", "undetermined", "notJudged"];
const STATES = ["factory", "open", "sealed", "tampered", "retired"];

export function listAddress(wanted) {
  const given = Object.entries(wanted).filter(([, value]) => value);
  const query = new URLSearchParams(given).toString();
  return query ? `#/seals?${query}` : "#/seals";
}

function load({ query }) {
  const conclusion = query.verdict === "notJudged" ? "not_judged" : query.verdict;
  const { state, plate, code, overdue, after } = query;
  return theService().get("seals", { conclusion, state, plate, code, overdue, after, limit: PAGE });
}

function choice(name, word, kind, values, chosen) {
  return el(
    "label",
    {},
    word,
    el(
      "select",
      { name },
      el("option", { value: "" }, say("filterAny")),
      values.map((value) => el("option", { value, selected: value === chosen }, sayValue(kind, value))),
    ),
  );
}

function filterForm(query) {
  function submit(event) {
    event.preventDefault();
    location.hash = listAddress(Object.fromEntries(new FormData(event.target)));
  }
  return el(
    "form",
    { class: "filter panel", "aria-label": say("filter"), submit },
    choice("verdict", say("verdict"), "verdict", VERDICTS, query.verdict),
    choice("state", say("state"), "state", STATES, query.state),
    el("label", {}, say("filterPlate"), el("input", { name: "plate", value: query.plate ?? "", maxlength: "40" })),
    el("label", {}, say("filterCode"), el("input", { name: "code", value: query.code ?? "", maxlength: "60", spellcheck: "false", placeholder: "HISTORY_FORKED" })),
    el(
      "label",
      { class: "tick" },
      el("input", { type: "checkbox", name: "overdue", value: "true", checked: query.overdue === "true" }),
      say("filterOverdue"),
    ),
    el("span", { class: "buttons" }, el("button", { class: "main" }, say("filterApply")), el("a", { class: "button", href: "#/seals" }, say("filterClear"))),
  );
}

function paging(query, next) {
  if (!query.after && next === null) return null;
  return el(
    "nav",
    { class: "paging", "aria-label": say("pages") },
    query.after && el("a", { class: "button", href: listAddress({ ...query, after: null }) }, say("firstPage")),
    next !== null && el("a", { class: "button", rel: "next", href: listAddress({ ...query, after: next }) }, say("nextPage")),
  );
}

function show({ seals, next }, { query }) {
  return [
    el("h1", { tabindex: "-1" }, say("sealsTitle")),
    filterForm(query),
    seals.length > 0
      ? sealTable(say("sealsTitle"), seals, Date.now() / 1000)
      : el("p", { class: "empty" }, say("listNone")),
    paging(query, next),
  ];
}

export const seals = { scope: "read", title: () => say("sealsTitle"), load, show };
