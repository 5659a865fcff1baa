// What can be said about a form before the server is asked. The server checks all of it again.

import { limits } from "../protocol/generated/limits";

/** Length as JSON Schema counts it: in code points. */
export const codePoints = (text: string): number => Array.from(text).length;

export const trimmedName = (name: string): string => name.trim().replace(/\s+/gu, " ");

export type CodeProblem = "empty" | "wrong shape";
export type NameProblem = "empty" | "too long" | "characters";

export function codeProblem(code: string): CodeProblem | null {
  const bare = code.trim();
  if (bare === "") return "empty";
  const length = codePoints(bare);
  return length < limits.codeMin || length > limits.codeMax ? "wrong shape" : null;
}

/** A pasted join link will do as a code. */
export function codeFromInput(text: string): string {
  const link = /\/join\/([^/?#\s]+)/.exec(text);
  if (link?.[1] === undefined) return text;
  try {
    return decodeURIComponent(link[1]);
  } catch {
    return link[1];
  }
}

// eslint-disable-next-line no-control-regex -- these are what must not stand in a name
const refusedInNames = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

export function nameProblem(name: string): NameProblem | null {
  const bare = trimmedName(name);
  if (bare === "") return "empty";
  if (codePoints(bare) > limits.name) return "too long";
  return refusedInNames.test(bare) ? "characters" : null;
}
