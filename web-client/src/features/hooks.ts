import { useEffect, useState, useSyncExternalStore } from "react";
import { clock } from "../connection/device";
import type { Readable } from "../model/store";

export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** The time, good to half a minute. */
export const useClock = (): number => useStore(clock);

setInterval(() => clock.set(Date.now()), 15_000);

export function useMediaQuery(query: string): boolean {
  const [list] = useState(() => matchMedia(query));
  return useSyncExternalStore(
    (listener) => {
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => list.matches,
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Studium" : `${title} · Studium`;
  }, [title]);
}
