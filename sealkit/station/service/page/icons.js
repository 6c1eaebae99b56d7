// Marks that differ in shape as well as in colour, for those who do not see the colour.

import { svg } from "./dom.js";

// Paths in a square of 24; "fill" is drawn in the mark's colour, "line" on top of it.
const MARKS = {
  intact: { fill: "M12 1.500l9 3.500v7c0 5.3-3.7 9-9 10.500C6.7 21 3 17.3 3 12V5z", line: "M7.5 12l3.2 3.2 6-6.4" },
  broken: { fill: "M7.6 1.500h8.800l6.1 6.100v8.800l-6.1 6.100H7.600l-6.1-6.100V7.600z", line: "M8 8l8 8M16 8l-8 8" },
  undetermined: { fill: "M5 2h14a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H5a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3z", line: "M9.3 9.400a2.8 2.8 0 1 1 4.2 2.700c-1 .6-1.5 1.1-1.5 2.200M12 17.200v.2" },
  notJudged: { ring: "M12 2.500a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19z", line: "M7.5 12h9" },
  warning: { fill: "M12 2l11 20H1z", line: "M12 9v6M12 18.300v.2" },
  note: { fill: "M12 1.500a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21z", line: "M12 11v6M12 7.200v.2" },
  order: { ring: "M4.5 2.500h11l4 4v15h-15z", line: "M8 10h8M8 13.500h8M8 17h5" },
  closed: { fill: "M4 10h16v12H4z", line: "M12 14.5v3.5", ring: "M7.5 10V6.5a4.5 4.5 0 0 1 9 0V10" },
  opened: { ring: "M4 10h16v12H4zM7.5 10V6a4.5 4.5 0 0 1 8.7-1.6", line: "M12 14.5v3.5" },
  retired: { ring: "M3 3h18v5H3zM5 8v13h14V8", line: "M9.5 12.5h5" },
  tamper: { fill: "M12 2l11 20H1z", line: "M13 8l-3 5.500h4L11 18.5" },
  record: { ring: "M12 6a6 6 0 1 1 0 12 6 6 0 0 1 0-12z", line: "" },
  evidence: { ring: "M3 5h18v14H3z", line: "M3.5 5.500L12 13l8.5-7.5" },
  acknowledgement: { ring: "M12 2.500a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19z", line: "M7.5 12l3.2 3.2 6-6.4" },
  fork: { ring: "M12 2.500a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19z", line: "M12 17.500V13L8 7.500M12 13l4-5.500" },
  draw: { ring: "M3 8l9-5 9 5v8l-9 5-9-5z", line: "M3.500 8.200L12 13l8.500-4.800M12 13v7.500" },
  lead: { ring: "M10 2.500a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15z", line: "M15.5 15.500l6 6" },
};

export function icon(name, size = 20) {
  const mark = MARKS[name] ?? MARKS.record;
  return svg(
    "svg",
    { class: `icon ${name}`, viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" },
    mark.fill && svg("path", { class: "fill", d: mark.fill }),
    mark.ring && svg("path", { class: "ring", d: mark.ring }),
    mark.line && svg("path", { class: mark.fill ? "on" : "line", d: mark.line }),
  );
}
