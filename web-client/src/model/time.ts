// Clocks of other places. All of it through Intl: offsets change, zones don't.

/** Whether this browser knows the zone. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Minutes since midnight there, 0 to 1439; nothing for a zone that this browser doesn't know. */
export function minuteOfDay(instant: number, zone: string): number | undefined {
  if (!isTimeZone(zone)) return undefined;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(instant);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return part("hour") * 60 + part("minute");
}

/** "2026-03-29" there: names the day, for comparing and not for showing. */
export function localDay(instant: number, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: isTimeZone(zone) ? zone : "UTC" }).format(instant);
}

/** Days from the reader's date to the date there: -1, 0 or 1. */
export function dayDifference(instant: number, there: string, here: string): number {
  const days = (zone: string) => Date.parse(`${localDay(instant, zone)}T00:00:00Z`) / 86_400_000;
  return days(there) - days(here);
}

/** Light or dark outside, roughly: enough to be considerate. */
export function partOfDay(minute: number): "night" | "morning" | "day" | "evening" {
  if (minute < 6 * 60 || minute >= 22 * 60) return "night";
  if (minute < 9 * 60) return "morning";
  return minute < 18 * 60 ? "day" : "evening";
}
