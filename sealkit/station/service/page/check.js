// The public page: does the statement of a QR code hold, of which plate, until when?

import { Service } from "./api.js";
import { el } from "./dom.js";
import { moment } from "./format.js";
import { brand, languageButton, skipLink } from "./frame.js";
import { icon } from "./icons.js";
import { onLanguage, pick, say, sayValue } from "./language.js";
import { errorPanel, facts, plateChip } from "./parts.js";
import { canScan, scan } from "./scan.js";

const service = new Service();
const LOOKS = { holds: "intact", invalid: "broken", expired: "undetermined", unknown: "undetermined" };

const header = el("header", { class: "top" });
const main = el("main", { id: "main", tabindex: "-1" });
const title = el("h1", {});
const about = el("p", { class: "lead" });
const label = el("label", { for: "text" });
const text = el("textarea", {
  id: "text",
  name: "text",
  rows: "4",
  required: true,
  maxlength: "4000",
  spellcheck: "false",
  autocapitalize: "off",
  autocomplete: "off",
  "aria-describedby": "text-help",
});
const help = el("p", { id: "text-help", class: "faint" });
const button = el("button", { class: "main" });
const camera = el("button", { type: "button", hidden: true });
const video = el("video", { hidden: true, muted: true, playsinline: true });
const outcome = el("div", { class: "outcome", role: "status", "aria-live": "assertive" });
const signIn = el("a", { href: "." });

let drawOutcome = () => [];
let scanning = null;

function result(told) {
  // A genuine statement is worth nothing once the station has found otherwise.
  const overtaken = told.conclusion === "holds" && told.later !== null && told.later.conclusion !== "intact";
  const word = overtaken ? "overtaken" : told.conclusion;
  const look = overtaken ? told.later.conclusion : (LOOKS[word] ?? "undetermined");
  const until = told.valid_until ? [[say("statedUntil"), moment(told.valid_until)]] : [];
  const stated = told.seal
    ? [
        [say("plate"), [plateChip(told.plate), el("p", { class: "faint" }, say("checkPlateAbout"))]],
        [say("number"), told.seal],
        ...until,
        [say("evidenceAt"), moment(told.evidence_time)],
        [say("issuedAt"), moment(told.issued_at)],
        [say("stationName"), told.station_name],
      ]
    : [];
  return [
    el(
      "section",
      { class: `banner large ${look}` },
      icon(look, 72),
      el("div", {}, el("p", { class: "word" }, sayValue("check", word)), el("p", {}, pick(told.message))),
    ),
    el("section", { class: "panel" }, facts([...stated, [say("checkedAt"), moment(told.at)]])),
  ];
}

async function check() {
  button.disabled = true;
  drawOutcome = () => [el("p", { class: "faint" }, say("checking"))];
  draw();
  try {
    const told = { ...(await service.post("attestations/check", { text: text.value.trim() })), at: Date.now() / 1000 };
    drawOutcome = () => result(told);
  } catch (error) {
    drawOutcome = () => [errorPanel(error)];
  }
  button.disabled = false;
  draw();
  toText();
  outcome.scrollIntoView({ block: "nearest" });
}

// For the next scan, which takes the place of this one; a phone would show its keyboard for it.
function toText() {
  if (!matchMedia("(pointer: fine)").matches) return;
  text.focus({ preventScroll: true });
  text.select();
}

async function scanOrStop() {
  if (scanning !== null) return scanning.abort();
  scanning = new AbortController();
  video.hidden = false;
  drawOutcome = () => [el("p", {}, say("scanning"))];
  draw();
  let seen = null;
  try {
    seen = await scan(video, scanning.signal);
    drawOutcome = () => [];
  } catch {
    drawOutcome = () => [errorPanel({ message: say("scanNoCamera"), remedy: say("scanNoCameraRemedy") })];
  }
  scanning = null;
  video.hidden = true;
  draw();
  if (seen !== null) {
    text.value = seen;
    await check();
  }
  return undefined;
}

// Fields stay as they are when the language changes; only words do.
function draw() {
  document.title = `${say("checkTitle")} – sealkit`;
  header.replaceChildren(skipLink(), brand("check"), el("span", { class: "account" }, languageButton()));
  title.textContent = say("checkTitle");
  about.textContent = say("checkAbout");
  label.textContent = say("checkText");
  help.textContent = say("checkTextHelp");
  button.textContent = say("checkNow");
  camera.textContent = say(scanning === null ? "scan" : "scanStop");
  signIn.textContent = say("toSignIn");
  outcome.replaceChildren(...drawOutcome());
}

// A handheld scanner types the text and ends it with Enter.
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
camera.addEventListener("click", scanOrStop);
const form = el(
  "form",
  {
    class: "panel",
    submit: (event) => {
      event.preventDefault();
      check();
    },
  },
  label,
  text,
  help,
  el("div", { class: "buttons" }, button, camera),
  video,
);
main.append(el("div", { class: "narrow" }, title, about, form, outcome, el("p", { class: "aside" }, signIn)));
document.body.replaceChildren(header, main);
onLanguage(draw);
draw();
toText();
canScan().then((can) => {
  camera.hidden = !can;
});
