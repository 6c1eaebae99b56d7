// Times and numbers as people write them here.

import { el } from "./dom.js";
import { locale, say } from "./language.js";

function written(seconds, options) {
  return new Intl.DateTimeFormat(locale(), options).format(new Date(seconds * 1000));
}

function time(seconds, options) {
  return el(
    "time",
    {
      datetime: new Date(seconds * 1000).toISOString(),
      title: written(seconds, { dateStyle: "full", timeStyle: "long" }),
    },
    written(seconds, options),
  );
}

// null and 0 are no time: the protocol's "without an end".
export function moment(seconds) {
  return seconds ? time(seconds, { dateStyle: "medium", timeStyle: "short" }) : say("none");
}

export function day(seconds) {
  return seconds ? time(seconds, { dateStyle: "medium" }) : say("none");
}

export function year(seconds) {
  return written(seconds, { year: "numeric" });
}

export function count(number) {
  return number.toLocaleString(locale());
}

export function share(part, whole) {
  if (!whole) return "";
  return (part / whole).toLocaleString(locale(), { style: "percent", maximumFractionDigits: 1 });
}
