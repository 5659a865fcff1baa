import { useEffect, useState } from "react";
import { CallFailed } from "../../connection/live";
import type { Session } from "../../connection/session";
import type { Group } from "../../protocol/generated/types";

const refreshEvery = 5_000; // ms

export interface GroupList {
  readonly groups: readonly Group[] | null;
  readonly failed: boolean;
}

/** The cohort's groups, asked for again and again while the page is in sight. */
export function useGroups(session: Session, signedIn: boolean): GroupList {
  const [list, setList] = useState<GroupList>({ groups: null, failed: false });
  useEffect(() => {
    if (!signedIn) return;
    let gone = false;
    const look = async () => {
      if (document.visibilityState === "hidden") return;
      try {
        const groups = await session.listGroups();
        if (!gone) setList({ groups, failed: false });
      } catch (failure) {
        if (!(failure instanceof CallFailed)) throw failure;
        if (!gone) setList((now) => ({ ...now, failed: failure.kind !== "offline" }));
      }
    };
    void look();
    const timer = setInterval(() => void look(), refreshEvery);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [session, signedIn]);
  return list;
}
