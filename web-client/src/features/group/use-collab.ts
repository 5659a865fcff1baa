import { useEffect, useRef, useState } from "react";
import type { CaretUser, Collab } from "../../connection/collab";
import { colourAt } from "../../model/identity";
import type { Person } from "../../protocol/generated/types";

export type CollabLoad =
  { readonly at: "loading" } | { readonly at: "failed" } | { readonly at: "here"; readonly collab: Collab };

/** From now on the page opens without a network too, where the browser allows it (not without TLS). */
function keepForOffline(): void {
  if (import.meta.env.PROD && "serviceWorker" in navigator)
    navigator.serviceWorker.register("/sw.js").catch(() => undefined); // Then it opens with a network only.
}

/** The shared document of a workspace, for as long as the page shows it. Its code comes when it is needed. */
export function useCollab(
  workspace: string,
  token: string | null,
  me: Person,
  colourIndex: number,
): CollabLoad {
  const [load, setLoad] = useState<CollabLoad>({ at: "loading" });
  const user = useRef<CaretUser>(undefined);
  const { name } = me;
  const school = me.school.name;
  const color = colourAt(colourIndex);
  const collab = load.at === "here" ? load.collab : null;
  useEffect(() => {
    user.current = { name, school, color };
    collab?.setUser(user.current);
  }, [collab, name, school, color]);

  useEffect(() => {
    if (token === null) return;
    let collab: Collab | null = null;
    let gone = false;
    import("../../connection/collab").then(
      (module) => {
        if (gone || user.current === undefined) return;
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        collab = new module.Collab({
          url: `${scheme}//${location.host}/collab`,
          workspace,
          token,
          user: user.current,
        });
        setLoad({ at: "here", collab });
        keepForOffline();
      },
      () => {
        if (!gone) setLoad({ at: "failed" });
      },
    );
    return () => {
      gone = true;
      collab?.destroy();
      setLoad({ at: "loading" });
    };
  }, [workspace, token]);
  return load;
}
