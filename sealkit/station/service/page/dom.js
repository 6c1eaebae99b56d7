// Elements out of data. Text goes in as text nodes only, so nothing that comes from the ledger can
// become markup.

const SVG = "http://www.w3.org/2000/svg";

// el("a", { class: "plate", href: "#/" }, "text", child, null): attributes; functions listen to events;
// true and false set and leave out an attribute; what is null among the children is left out.
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
