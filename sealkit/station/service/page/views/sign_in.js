// Signing in with a token.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";
import { errorPanel } from "../parts.js";
import { signIn } from "../session.js";

// The service tells a program what to send; here it is a person who has the token.
function inWords(error) {
  if (error.code !== "TOKEN_REFUSED") return error;
  return { message: say("tokenRefused"), remedy: say("tokenRefusedRemedy") };
}

// done: called once signed in. error: why the page was left, if it was.
export function showSignIn(done, error = null) {
  const told = el("div", {}, error && errorPanel(inWords(error)));
  const token = el("input", {
    id: "token",
    name: "token",
    type: "password",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "token-help",
  });
  const button = el("button", { type: "submit", class: "main" }, say("signIn"));

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      await signIn(token.value.trim());
      done();
    } catch (problem) {
      told.replaceChildren(errorPanel(inWords(problem)));
      token.select();
      token.focus();
    } finally {
      button.disabled = false;
    }
  }

  return el(
    "div",
    { class: "narrow" },
    el("h1", { tabindex: "-1" }, say("signIn")),
    el("p", { class: "lead" }, say("signInAbout")),
    el(
      "form",
      { class: "panel", submit },
      el("label", { for: "token" }, say("token")),
      token,
      el("p", { id: "token-help", class: "faint" }, say("tokenHelp")),
      button,
      told,
    ),
    el("p", { class: "aside" }, icon("intact", 22), el("span", {}, say("publicAbout"), " ", el("a", { href: "check" }, say("checkPage")))),
  );
}
