// What stands around every page: its name, the way to other pages, the language, who is signed in.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { language, say, switchLanguage } from "./language.js";

export function languageButton() {
  const other = language() === "zh" ? "en" : "zh-CN";
  return el("button", { type: "button", class: "quiet", lang: other, title: say("toOtherLanguage"), click: switchLanguage }, say("otherLanguage"));
}

export function brand(address) {
  return el("a", { class: "brand", href: address }, icon("intact", 26), el("span", {}, el("strong", {}, "sealkit"), " ", say("ledger")));
}

export function skipLink() {
  const toMain = (event) => {
    event.preventDefault();
    document.querySelector("main").focus();
  };
  return el("a", { class: "skip", href: "#main", click: toMain }, say("skip"));
}

// Details are folded on the screen and open on paper, but for the findings of each verdict: those of
// the last one stand above.
export function openOnPaper() {
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open], .small)")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });
}
