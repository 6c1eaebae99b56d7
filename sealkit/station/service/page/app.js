// The page for those who sign in: which view an address shows, and what stands around it.

import { el } from "./dom.js";
import { brand, languageButton, openOnPaper, skipLink } from "./frame.js";
import { language, onLanguage, say, sayValue } from "./language.js";
import { errorPanel } from "./parts.js";
import { may, resume, signedIn, signOut, who } from "./session.js";
import { draw as drawing } from "./views/draw.js";
import { leads } from "./views/leads.js";
import { overview } from "./views/overview.js";
import { seal } from "./views/seal.js";
import { seals } from "./views/seals.js";
import { search } from "./views/search.js";
import { showSignIn } from "./views/sign_in.js";

// A view: the scope it needs, title(place), load(place) -> data, show(data, place) -> elements.
const VIEWS = { "": overview, seals, seal, search, leads, draw: drawing };
const LINKS = [
  ["", "fleet"],
  ["seals", "seals"],
  ["leads", "leads"],
  ["draw", "draw"],
];

const header = el("header", { class: "top" });
const main = el("main", { id: "main", tabindex: "-1" });
let redraw = () => {};
let visit = 0;

// "#/seal/500-23?x=y" -> { name: "seal", rest: "500-23", query: { x: "y" } }
function whereTo() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [name, ...rest] = path.split("/");
  return { name, rest: readable(rest.join("/")), query: Object.fromEntries(new URLSearchParams(query)) };
}

function readable(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Built anew only for another account or language: what somebody is typing into it stays.
function drawHeader() {
  const account = who();
  if (header.account !== account || header.language !== language()) {
    Object.assign(header, { account, language: language() });
    header.replaceChildren(...headerParts(account));
  }
  const { name, query } = whereTo();
  for (const link of header.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const field = header.querySelector(".find input");
  if (field !== null && query.text !== undefined && field !== document.activeElement) field.value = query.text;
}

function headerParts(account) {
  const find = (event) => {
    event.preventDefault();
    location.hash = `#/search?${new URLSearchParams(new FormData(event.target))}`;
  };
  const leave = () => {
    signOut();
    location.hash = "#/";
    signInPage();
  };
  const mayRead = may("read");
  return [
    skipLink(),
    brand("#/"),
    mayRead && el("nav", { "aria-label": say("navigation") }, LINKS.filter(([path]) => may(VIEWS[path].scope)).map(([path, word]) => el("a", { href: `#/${path}` }, say(word)))),
    mayRead &&
      el(
        "form",
        { class: "find", role: "search", submit: find },
        el("input", { type: "search", name: "text", required: true, maxlength: "40", placeholder: say("findLabel"), "aria-label": say("findLabel") }),
        el("button", {}, say("find")),
      ),
    el(
      "span",
      { class: "account" },
      account && el("span", { class: "who" }, el("strong", {}, account.name), " ", el("span", { class: "faint" }, sayValue("role", account.role))),
      languageButton(),
      account && el("button", { type: "button", class: "quiet", click: leave }, say("signOut")),
    ),
  ].filter(Boolean);
}

function draw(title, show) {
  redraw = () => {
    document.title = `${title()} – sealkit`;
    drawHeader();
    main.replaceChildren(...[show()].flat(Infinity).filter(Boolean));
  };
  redraw();
}

function signInPage(error = null) {
  visit += 1;
  main.removeAttribute("aria-busy");
  draw(
    () => say("signIn"),
    () => showSignIn(open, error),
  );
}

function refuse(message, remedy) {
  draw(
    () => "sealkit",
    () => errorPanel({ message: say(message), remedy: remedy() }),
  );
}

// Shows what the address names. focus: to its heading, so that it is read out; not after a reload.
async function open(focus = true) {
  if (!signedIn()) return signInPage();
  const mine = (visit += 1);
  const place = { ...whereTo(), refresh: () => open() };
  const view = Object.hasOwn(VIEWS, place.name) ? VIEWS[place.name] : null;
  if (view === null) return refuse("noPage", () => say("noPageRemedy"));
  if (!may(view.scope)) return refuse("noRight", () => say("noRightRemedy", { scope: sayValue("scope", view.scope) }));
  main.setAttribute("aria-busy", "true");
  drawHeader();
  try {
    const data = await view.load(place);
    if (mine !== visit) return undefined;
    draw(() => view.title(place), () => view.show(data, place));
    if (focus) {
      scrollTo(0, 0);
      main.querySelector("h1")?.focus();
    }
  } catch (error) {
    if (mine !== visit) return undefined;
    failed(error, place);
  }
  main.removeAttribute("aria-busy");
  return undefined;
}

function failed(error, place) {
  if (error.status === 401) {
    signOut();
    return signInPage(error);
  }
  if (error.status === undefined) console.error(error);
  const told = error.status === undefined ? { message: say("pageFault"), remedy: say("lostRemedy") } : error;
  draw(
    () => "sealkit",
    () => errorPanel(told, place.refresh),
  );
  redraw = place.refresh; // the service tells it again in the other language
  return undefined;
}

async function start() {
  drawHeader();
  main.replaceChildren(el("p", { class: "faint" }, say("loading")));
  try {
    await resume();
  } catch (error) {
    return failed(error, { refresh: start });
  }
  return open(false);
}

document.body.replaceChildren(header, main);
openOnPaper();
onLanguage(() => redraw());
addEventListener("hashchange", () => open());
start();
