// The service's interface, with the token in a header and never in an address.

import { language, say } from "./language.js";

const BASE = new URL("api/v1/", document.baseURI);
const WAIT_MS = 60_000;

// What went wrong, as message and remedy in the user's language. status 0: no answer came.
export class ServiceError extends Error {
  constructor(status, code, message, remedy) {
    super(message);
    Object.assign(this, { status, code, remedy });
  }
}

export class Service {
  constructor(token = null) {
    this.token = token;
  }

  async get(path, query = {}) {
    return json(await this.#ask("GET", path, query));
  }

  async post(path, body) {
    return json(await this.#ask("POST", path, {}, body));
  }

  // A file: its bytes, and the name that the service gives it. content: what it is made from.
  async file(path, query = {}, content = undefined) {
    const answer = await this.#ask(content === undefined ? "GET" : "POST", path, query, content);
    const told = /filename="?([^";]+)"?/.exec(answer.headers.get("Content-Disposition") ?? "");
    return { blob: await body(answer, (it) => it.blob()), name: told ? told[1] : "" };
  }

  async #ask(method, path, query, content) {
    const address = new URL(path, BASE);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== "") address.searchParams.set(name, value);
    }
    const headers = { "Accept-Language": language() };
    if (this.token !== null) headers.Authorization = `Bearer ${this.token}`;
    if (content !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(address, {
        method,
        headers,
        body: content === undefined ? undefined : JSON.stringify(content),
        cache: "no-store",
        credentials: "omit",
        signal: AbortSignal.timeout(WAIT_MS),
      });
    } catch {
      throw lost();
    }
    if (!answer.ok) throw await refused(answer);
    return answer;
  }
}

const lost = () => new ServiceError(0, "CONNECTION_LOST", say("lost"), say("lostRemedy"));

async function body(answer, read) {
  try {
    return await read(answer);
  } catch {
    throw lost();
  }
}

async function json(answer) {
  return JSON.parse(await body(answer, (it) => it.text()));
}

async function refused(answer) {
  let told = {};
  try {
    told = await answer.json();
  } catch {
    // Something before the service answered: a proxy, with a page of its own.
  }
  return new ServiceError(
    answer.status,
    told.code ?? `HTTP_${answer.status}`,
    told.message ?? say("odd", { status: answer.status }),
    told.remedy ?? say("lostRemedy"),
  );
}
