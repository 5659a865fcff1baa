// What this device remembers. Storage may be blocked or full (private windows, school settings): then the page
// works as long as it is open, and says less about what is safe.

import { Store } from "../model/store";

export type Role = "student" | "teacher";

export interface SignIn {
  readonly token: string;
  /** The join code it came from, as it was typed; empty for a teacher's link. */
  readonly code: string;
}

const prefix = "studium.";
/** What the storage would not take; it serves this visit. */
const memory = new Map<string, string>();

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
    memory.delete(key);
  } catch {
    memory.set(key, value);
  }
}

export function recall(key: string): string | null {
  try {
    return memory.get(key) ?? localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function forget(key: string): void {
  memory.delete(key);
  try {
    localStorage.removeItem(prefix + key);
  } catch {
    // Nothing was kept there.
  }
}

export function keysBeginning(start: string): string[] {
  const keys = new Set([...memory.keys()]);
  try {
    for (let i = 0; i < localStorage.length; ++i) {
      const key = localStorage.key(i);
      if (key?.startsWith(prefix)) keys.add(key.slice(prefix.length));
    }
  } catch {
    // Memory is all there is.
  }
  return [...keys].filter((key) => key.startsWith(start));
}

export function signIn(role: Role): SignIn | null {
  const text = recall(`sign-in.${role}`);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<SignIn> | null;
    return typeof value?.token === "string" ? { token: value.token, code: value.code ?? "" } : null;
  } catch {
    return null;
  }
}

export const rememberSignIn = (role: Role, kept: SignIn): void =>
  remember(`sign-in.${role}`, JSON.stringify(kept));
export const forgetSignIn = (role: Role): void => forget(`sign-in.${role}`);

/** An id that nobody else makes. (randomUUID is absent where the page comes without TLS.) */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Whether IndexedDB opens and takes a value here. */
export function indexedDbWorks(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const opening = indexedDB.open("studium-probe", 1);
      opening.onupgradeneeded = () => void opening.result.createObjectStore("probe");
      opening.onerror = () => resolve(false);
      opening.onblocked = () => resolve(false);
      opening.onsuccess = () => {
        const db = opening.result;
        const writing = db.transaction("probe", "readwrite");
        writing.objectStore("probe").put(1, "probe");
        const answer = (works: boolean) => () => {
          db.close();
          resolve(works);
        };
        writing.oncomplete = answer(true);
        writing.onabort = answer(false);
      };
    } catch {
      resolve(false);
    }
  });
}

/** Ticks with the clock of the page, for what shows times. */
export const clock = new Store(Date.now());
