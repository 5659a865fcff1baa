import type { TFunction } from "i18next";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { News, Session } from "../../connection/session";
import { hear, quietAnnouncer, quietFor, say, type Announcer } from "../../model/announcer";
import type { Chip } from "../../model/save-state";

type Heard = News | { readonly what: "chip"; readonly state: "saved" | "offline" | "unsaved" };

/** What a screen reader hears of the group, gathered so that it never talks all the time. */
export function Announcements({ session, chip }: { session: Session; chip: Chip["state"] }) {
  const { t, i18n } = useTranslation();
  const [said, setSaid] = useState<readonly Heard[]>([]);
  const announcer = useRef<Announcer<Heard>>(quietAnnouncer);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const lastChip = useRef<"saved" | "offline" | "unsaved">("saved");

  const listen = useCallback((news: readonly Heard[]) => {
    announcer.current = hear(announcer.current, news);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const [now, heard] = say(announcer.current);
      announcer.current = now;
      setSaid(heard);
    }, quietFor);
  }, []);

  useEffect(() => session.onNews(listen), [session, listen]);
  useEffect(() => {
    // Each letter that is sent is no news; losing the connection is, and that all is well again.
    if (chip === "sending" || chip === lastChip.current) return;
    lastChip.current = chip;
    listen([{ what: "chip", state: chip }]);
  }, [chip, listen]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcements">
      {sentences(said, t, i18n.language)}
    </div>
  );
}

function sentences(heard: readonly Heard[], t: TFunction, language: string): string {
  const spoken: string[] = [];
  const authors: string[] = [];
  let chip: "saved" | "offline" | "unsaved" | undefined;
  for (const news of heard) {
    if (news.what === "chip") chip = news.state;
    else if (news.what === "message") authors.push(news.name);
    else spoken.push(t(`news.${news.what}`, { name: news.name }));
  }
  if (authors.length > 0) {
    const names = new Intl.ListFormat(language, { type: "conjunction" }).format(new Set(authors));
    spoken.push(t("news.messages", { count: authors.length, names }));
  }
  if (chip !== undefined) spoken.push(t(`chipNews.${chip}`));
  return spoken.join(" ");
}
