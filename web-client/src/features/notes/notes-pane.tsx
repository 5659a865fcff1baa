import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Collab } from "../../connection/collab";
import { closeName } from "../../model/close-codes";
import type { Person } from "../../protocol/generated/types";
import type { CollabLoad } from "../group/use-collab";
import { useStore } from "../hooks";
import { Loading, Notice } from "../shell/notice";

const NotesEditor = lazy(() => import("./notes-editor"));

export function NotesPane({ load, me }: { load: CollabLoad; me: Person }) {
  const { t } = useTranslation();
  return (
    <section className="pane notes-pane" data-pane-name="notes" id="notes" aria-label={t("group.notes")}>
      {load.at === "loading" && <Loading>{t("notes.loading")}</Loading>}
      {load.at === "failed" && (
        <Notice
          tone="warning"
          action={
            <button className="button quiet" onClick={() => location.reload()}>
              {t("link.reload")}
            </button>
          }
        >
          {t("notes.failed")}
        </Notice>
      )}
      {load.at === "here" && <OpenNotes collab={load.collab} me={me} />}
    </section>
  );
}

function OpenNotes({ collab, me }: { collab: Collab; me: Person }) {
  const { t } = useTranslation();
  const ready = useStore(collab.ready);
  const { link, stoppedBy } = useStore(collab.save);
  if (!ready) return <Loading>{t("notes.loading")}</Loading>;
  return (
    <>
      {link === "stopped" && stoppedBy !== 4401 && (
        <Notice
          tone="warning"
          action={
            <button className="button quiet" onClick={() => collab.tryAgain()}>
              {t("link.tryNow")}
            </button>
          }
        >
          {stoppedText(stoppedBy, t)}
        </Notice>
      )}
      <Suspense fallback={<Loading>{t("notes.loading")}</Loading>}>
        <NotesEditor collab={collab} me={me} />
      </Suspense>
    </>
  );
}

function stoppedText(code: number | null, t: ReturnType<typeof useTranslation>["t"]): string {
  switch (code) {
    case 4403:
    case 4404:
      return t("notes.stopped.forbidden");
    case 4413:
      return t("notes.stopped.full");
    default:
      return t("notes.stopped.other", { reason: closeName(code ?? 0) ?? code ?? "" });
  }
}
