// Chinese or English: remembered, at first what the browser asks for, switched at any time.

import { WORDS } from "./words.js";

const KEY = "sealkit-language";
const listeners = [];
let current = remembered() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
announce();

function remembered() {
  try {
    const value = localStorage.getItem(KEY);
    return value === "zh" || value === "en" ? value : null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

function announce() {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
}

export function language() {
  return current;
}

export function locale() {
  if (current === "zh") return "zh-CN";
  return navigator.language.startsWith("en") ? navigator.language : "en-GB";
}

export function switchLanguage() {
  current = current === "zh" ? "en" : "zh";
  try {
    localStorage.setItem(KEY, current);
  } catch {
    // It is switched all the same, until the page is left.
  }
  announce();
  for (const listener of listeners) listener();
}

export function onLanguage(listener) {
  listeners.push(listener);
}

// A text of the page, by its key in words.js, with {name} replaced by values.name.
export function say(key, values = {}) {
  const text = WORDS[key][current];
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// A word that a value stands for, such as a state; the value itself where there is none.
export function sayValue(kind, value) {
  const key = `${kind}.${value}`;
  return Object.hasOwn(WORDS, key) ? WORDS[key][current] : String(value);
}

// A text that the service gives in both languages.
export function pick(text) {
  return text[current] || text.en;
}
