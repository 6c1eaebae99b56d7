// An order against the history that the ledger holds: prepared here, signed where the keys are.

import { el } from "../dom.js";
import { say, sayValue } from "../language.js";
import { errorPanel } from "../parts.js";
import { theService } from "../session.js";

const KINDS = ["seal", "confirm", "unseal", "clear", "adjust_clock", "restore_clock", "trust", "acknowledge", "retire"];
const REASONS = [
  "periodic_verification",
  "repair",
  "tyre_change",
  "tariff_change",
  "meter_replaced",
  "vehicle_replaced",
  "tamper_investigated",
  "seal_replaced",
  "other",
];
// What each kind needs beside who signs it (SPEC.md 8).
const NEEDS = {
  reason: ["unseal", "clear", "retire"],
  challenge: ["unseal", "clear", "restore_clock", "retire"],
  job: ["seal", "confirm"],
  change: ["adjust_clock"],
};
const BLOCK = /-----BEGIN SEALKIT CREDENTIAL-----([A-Za-z0-9+/=\s]*)-----END SEALKIT CREDENTIAL-----/g;

// The credentials of a .cred file as hexadecimal bytes, the signer's own first.
async function credentialsOf(file) {
  const blocks = [...(await file.text()).matchAll(BLOCK)];
  return blocks.map(([, text]) => [...atob(text.replaceAll(/\s/g, ""))].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(""));
}

const select = (name, kind, values) =>
  el("select", { name }, values.map((value) => el("option", { value }, sayValue(kind, value))));

const fileField = (name, word, accept) => el("label", {}, word, el("input", { type: "file", name, accept }));

async function wanted(form) {
  const told = new FormData(form);
  const has = (what) => NEEDS[what].includes(told.get("kind"));
  const files = [told.get("technician"), told.get("station")].filter((file) => file.size > 0);
  const signers = await Promise.all(files.map(credentialsOf));
  if (signers.length === 0 || signers.some((chain) => chain.length === 0)) {
    throw Object.assign(new Error(say("orderNoSigner")), { remedy: say("orderNoSignerRemedy") });
  }
  const job = told.get("job");
  return {
    kind: told.get("kind"),
    signers,
    ...(has("reason") && { reason: { kind: told.get("reason"), text: told.get("text") } }),
    ...(has("challenge") && { challenge: told.get("challenge").trim().toLowerCase() }),
    ...(has("job") && job.size > 0 && { job: await job.text() }),
    ...(has("change") && { change_s: Number(told.get("change")) }),
  };
}

// save: hands a file to the browser's downloads.
export function orderForm(number, save) {
  const said = el("div", { class: "said", role: "status" });
  const kind = select("kind", "order", KINDS);
  const parts = {
    reason: el(
      "div",
      { class: "fields" },
      el("label", {}, say("reason"), select("reason", "because", REASONS)),
      el("label", {}, say("orderText"), el("input", { name: "text", maxlength: "160" })),
    ),
    challenge: el(
      "label",
      {},
      say("orderChallenge"),
      el("input", { name: "challenge", class: "code", pattern: "\\s*[0-9a-fA-F]{32}\\s*", spellcheck: "false", autocomplete: "off" }),
      el("span", { class: "faint hint" }, say("orderChallengeHelp")),
    ),
    job: el("div", {}, fileField("job", say("orderJob"), ".toml"), el("span", { class: "faint hint" }, say("orderJobHelp"))),
    change: el("label", {}, say("orderChange"), el("input", { name: "change", type: "number", min: "-120", max: "120", value: "0" })),
  };
  function fit() {
    for (const [what, part] of Object.entries(parts)) {
      part.hidden = !NEEDS[what].includes(kind.value);
      for (const input of part.querySelectorAll("input")) input.required = !part.hidden && input.type !== "file";
    }
  }
  kind.addEventListener("change", fit);
  fit();
  const button = el("button", { class: "main" }, say("orderPrepare"));

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      const asked = await wanted(event.target);
      const file = await theService().file(`seals/${encodeURIComponent(number)}/orders`, {}, asked);
      const name = file.name || `${number}-${asked.kind}.json`;
      save({ blob: file.blob, name });
      said.replaceChildren(
        el("p", {}, say("loaded", { name })),
        el("p", {}, say("orderNext"), " ", el("span", { class: "code" }, `sealkit order sign ${name} --key KEY`)),
      );
    } catch (problem) {
      said.replaceChildren(errorPanel(problem));
    } finally {
      button.disabled = false;
    }
  }

  return el(
    "details",
    { class: "panel small order-form" },
    el("summary", {}, say("orderTitle")),
    el("p", { class: "faint" }, say("orderAbout")),
    el(
      "form",
      { submit },
      el("label", {}, say("orderKind"), kind),
      Object.values(parts),
      el("div", { class: "fields" }, fileField("technician", say("orderTechnician"), ".cred"), fileField("station", say("orderStation"), ".cred")),
      button,
      said,
    ),
  );
}
