// A draw of seals for an inspection, which anybody can repeat: first the tree head is given out, then
// the seed is chosen in public.

import { el } from "../dom.js";
import { moment } from "../format.js";
import { say } from "../language.js";
import { errorPanel, facts, plateChip, sealLink, table } from "../parts.js";
import { theService } from "../session.js";

const SAMPLE = "10";

const code = (text) => el("span", { class: "code digest" }, text);

// seed, sample and size stand in the address: whoever has it repeats the draw.
async function load({ query }) {
  if (!query.seed) return null;
  const { seed, sample = SAMPLE, size } = query;
  return theService().get("draw", { seed, sample, size });
}

function headPanel(size) {
  const told = el("div", { role: "status" });
  const button = el("button", { type: "button", click: run }, say("drawHead"));
  async function run() {
    button.disabled = true;
    try {
      const head = await theService().get("tree/head");
      size.value = String(head.size);
      told.replaceChildren(
        facts([
          [say("drawSize"), String(head.size)],
          [say("drawHeadTime"), moment(head.time)],
          [say("drawRoot"), code(head.root)],
        ]),
      );
    } catch (problem) {
      told.replaceChildren(errorPanel(problem));
    } finally {
      button.disabled = false;
    }
  }
  return el("section", { class: "panel step" }, el("h2", {}, say("drawFirst")), el("p", {}, say("drawFirstAbout")), button, told);
}

function field(name, word, attributes) {
  return el("label", {}, word, el("input", { name, ...attributes }));
}

function drawForm(query, size) {
  function submit(event) {
    event.preventDefault();
    const given = [...new FormData(event.target)].filter(([, value]) => value !== "");
    location.hash = `#/draw?${new URLSearchParams(given)}`;
  }
  return el(
    "form",
    { class: "panel step", submit },
    el("h2", {}, say("drawThen")),
    el("p", {}, say("drawThenAbout")),
    el(
      "div",
      { class: "fields" },
      field("sample", say("drawSample"), { type: "number", min: "1", max: "100000", required: true, value: query.sample ?? SAMPLE }),
      field("seed", say("drawSeed"), { required: true, maxlength: "200", autocomplete: "off", value: query.seed ?? "" }),
      el("label", {}, say("drawSize"), size),
    ),
    el("button", { class: "main" }, say("drawNow")),
  );
}

function command({ seed, size }, sample) {
  const quoted = `'${seed.replaceAll("'", "'\\''")}'`;
  return `sealkit station draw --sample ${sample} --seed ${quoted} --size ${size} --dir DIR`;
}

function outcome(told, { sample = SAMPLE }) {
  return el(
    "section",
    { class: "drawn" },
    el("h2", {}, say("drawnTitle", { n: told.drawn.length, all: told.numbers.length })),
    el(
      "div",
      { class: "panel" },
      facts([
        [say("drawSeed"), told.seed],
        [say("drawSize"), String(told.size)],
        [say("drawRoot"), code(told.root)],
      ]),
      el("p", { class: "faint repeat" }, say("drawRepeat"), " ", el("span", { class: "code" }, command(told, sample))),
      el("button", { type: "button", click: () => print() }, say("print")),
    ),
    told.drawn.length === 0
      ? el("p", { class: "empty" }, say("drawNone"))
      : table(
          say("drawTitle"),
          [
            [say("drawPlace"), ({ place }) => String(place)],
            [say("number"), ({ number }) => el("a", { class: "number", href: sealLink(number) }, number)],
            [say("plate"), ({ plate }) => plateChip(plate)],
            [say("drawRank"), ({ rank }) => code(`${rank.slice(0, 16)}…`)],
          ],
          told.drawn.map((one, at) => ({ ...one, place: at + 1 })),
        ),
  );
}

function show(told, { query }) {
  const size = el("input", { name: "size", type: "number", min: "1", value: query.size ?? told?.size ?? "", placeholder: say("drawSizeNow") });
  return [
    el("h1", { tabindex: "-1" }, say("drawTitle")),
    el("p", { class: "lead" }, say("drawAbout")),
    el("div", { class: "columns" }, headPanel(size), drawForm(query, size)),
    told && outcome(told, query),
  ];
}

export const draw = { scope: "draw", title: () => say("drawTitle"), load, show };
