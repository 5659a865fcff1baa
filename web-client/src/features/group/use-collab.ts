import { useEffect, useState } from "react";
import type { Collab } from "../../connection/collab";
import { colourOf } from "../../model/identity";
import type { Person } from "../../protocol/generated/types";

export type CollabLoad =
  | { readonly at: "loading" }
  | { readonly at: "failed" }
  | { readonly at: "here"; readonly collab: Collab };

/** The shared document of a workspace, for as long as the page shows it. Its code comes when it is needed. */
export function useCollab(workspace: string, token: string | null, me: Person): CollabLoad {
  const [load, setLoad] = useState<CollabLoad>({ at: "loading" });
  const { id, name } = me;
  const school = me.school.name;
  useEffect(() => {
    if (token === null) return;
    let collab: Collab | null = null;
    let gone = false;
    import("../../connection/collab").then(
      (module) => {
        if (gone) return;
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        collab = new module.Collab({
          url: `${scheme}//${location.host}/collab`,
          workspace,
          token,
          user: { name, school, color: colourOf(id) },
        });
        setLoad({ at: "here", collab });
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
  }, [workspace, token, id, name, school]);
  return load;
}
