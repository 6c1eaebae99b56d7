// Seals by number, or by a plate that they have or had.

import { el } from "../dom.js";
import { say } from "../language.js";
import { badge, plateChip, sealLink, table } from "../parts.js";
import { theService } from "../session.js";

const MOST = 1000;
const NUMBER = /^\d+-\d+$/;

// Both the plates of today and those of the past; each seal with what it is now. Those of the past
// alone are few, and asked for one by one.
async function load({ query }) {
  const text = (query.text ?? "").trim();
  if (text === "") return { text, found: [] };
  if (NUMBER.test(text)) {
    const { seals } = await theService().get("seals", { number: text });
    return { text, found: seals.map((seal) => ({ seal, plate: seal.plate })) };
  }
  const [matches, now] = await Promise.all([
    theService().get("plates", { text }),
    theService().get("seals", { plate: text, limit: MOST }),
  ]);
  const seals = new Map(now.seals.map((seal) => [seal.number, seal]));
  const others = new Set(matches.map(({ seal }) => seal).filter((number) => !seals.has(number)));
  const asked = [...others].map((number) => theService().get(`seals/${encodeURIComponent(number)}`));
  for (const seal of await Promise.all(asked)) seals.set(seal.number, seal);
  return { text, found: matches.map(({ seal, plate }) => ({ seal: seals.get(seal), plate })) };
}

function when({ seal, plate }) {
  const now = plate === seal.plate;
  return el("span", { class: now ? "" : "faint" }, now ? say("searchNow") : say("searchPast"));
}

function show({ text, found }) {
  if (text === "") return [el("h1", { tabindex: "-1" }, say("searchEmpty")), el("p", { class: "empty" }, say("searchEmptyAbout"))];
  return [
    el("h1", { tabindex: "-1" }, say("searchTitle", { text })),
    found.length === 0
      ? el("p", { class: "empty" }, say("searchNone"), el("br"), say("searchHelp"))
      : table(
          say("searchTitle", { text }),
          [
            [say("plate"), ({ plate }) => plateChip(plate)],
            ["", when],
            [say("number"), ({ seal }) => el("a", { class: "number", href: sealLink(seal.number) }, seal.number)],
            [say("verdict"), ({ seal }) => badge(seal.conclusion)],
          ],
          found,
        ),
  ];
}

export const search = { scope: "read", title: () => say("find"), load, show };
