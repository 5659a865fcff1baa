/** The shortest and the longest wait, in milliseconds. */
export const backoffLimits = { first: 300, last: 10_000 } as const;

/**
 * How long to wait before attempt number `attempt` (0: the first after a loss), in milliseconds. The range
 * doubles with each attempt, and the wait is anywhere in it, so that a restarted server does not meet everybody
 * at once. `random` is in [0, 1).
 */
export function backoffDelay(attempt: number, random: number): number {
  const { first, last } = backoffLimits;
  const longest = Math.min(first * 2 ** Math.min(attempt + 1, 16), last);
  return Math.round(first + (longest - first) * random);
}
