import { useTranslation } from "react-i18next";
import type { Session, SessionState } from "../../connection/session";
import { closeName } from "../../model/close-codes";
import { Notice } from "./notice";

/** Whatever stands between this page and the server. Nothing where all is well. */
export function LinkNotice({ session, state }: { session: Session; state: SessionState }) {
  const { t } = useTranslation();
  const { link } = state;
  if (link.at === "away")
    return (
      <Notice
        icon="cloudOff"
        action={
          <button className="button quiet" onClick={() => session.tryNow()}>
            {t("link.tryNow")}
          </button>
        }
      >
        {t("link.away")}
      </Notice>
    );
  if (link.at === "stopped")
    return (
      <Notice
        tone="warning"
        action={
          <button className="button quiet" onClick={() => session.tryNow()}>
            {t("link.tryNow")}
          </button>
        }
      >
        {t("link.stopped", { reason: closeName(link.code) ?? link.code })}
      </Notice>
    );
  return null;
}
