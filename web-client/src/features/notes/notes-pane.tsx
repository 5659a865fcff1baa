import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Collab } from "../../connection/collab";
import { closeName } from "../../model/close-codes";
import type { CollabLoad } from "../group/use-collab";
import { useStore } from "../hooks";
import { Loading, Notice } from "../shell/notice";

const NotesEditor = lazy(() => import("./notes-editor"));

export function NotesPane({ load, reachable }: { load: CollabLoad; reachable: boolean }) {
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
      {load.at === "here" && <OpenNotes collab={load.collab} reachable={reachable} />}
    </section>
  );
}

/** How many attempts in a row may fail, while the rest of the server answers, before we say so. */
const manyFailures = 4;

function OpenNotes({ collab, reachable }: { collab: Collab; reachable: boolean }) {
  const { t } = useTranslation();
  const ready = useStore(collab.ready);
  const { link, stoppedBy, failures } = useStore(collab.save);
  const unreachable = reachable && link === "away" && failures >= manyFailures;
  if (!ready) return <Loading>{t("notes.loading")}</Loading>;
  return (
    <>
      {(link === "stopped" || unreachable) && (
        <Notice
          tone="warning"
          action={
            <button className="button quiet" onClick={() => collab.tryAgain()}>
              {t("link.tryNow")}
            </button>
          }
        >
          {unreachable ? t("notes.unreachable") : stoppedText(stoppedBy, t)}
        </Notice>
      )}
      <Suspense fallback={<Loading>{t("notes.loading")}</Loading>}>
        <NotesEditor collab={collab} />
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
