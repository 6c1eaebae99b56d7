// Who is signed in. The token stays in this tab's session storage and goes with it.

import { Service } from "./api.js";

const KEY = "sealkit-token";

let service = new Service();
let account = null; // { name, role, scopes, expires }

export const signedIn = () => account !== null;
export const who = () => account;
export const may = (scope) => account !== null && account.scopes.includes(scope);
export const theService = () => service;

export async function signIn(token) {
  const asked = new Service(token);
  account = await asked.get("session");
  service = asked;
  sessionStorage.setItem(KEY, token);
}

export function signOut() {
  sessionStorage.removeItem(KEY);
  service = new Service();
  account = null;
}

// After a reload: whether there was a token to go on with. Errors: as of the service.
export async function resume() {
  const token = sessionStorage.getItem(KEY);
  if (token === null) return false;
  await signIn(token);
  return true;
}
