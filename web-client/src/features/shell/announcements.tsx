import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { News, Session } from "../../connection/session";
import { hear, quietAnnouncer, quietFor, say, type Announcer } from "../../model/announcer";

/** What a screen reader hears of the group, gathered so that it never talks all the time. */
export function Announcements({ session }: { session: Session }) {
  const { t, i18n } = useTranslation();
  const [said, setSaid] = useState("");
  const announcer = useRef<Announcer<News>>(quietAnnouncer);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const speak = () => {
      timer = undefined;
      const [now, news] = say(announcer.current, Date.now());
      announcer.current = now;
      setSaid(sentences(news, t, i18n.language));
    };
    const stop = session.onNews((news) => {
      announcer.current = hear(announcer.current, news);
      timer ??= setTimeout(speak, quietFor);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session, t, i18n.language]);

  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcements">
      {said}
    </div>
  );
}

function sentences(news: readonly News[], t: TFunction, language: string): string {
  const people = news
    .filter((n) => n.what !== "message")
    .map(({ what, name }) => t(`news.${what}`, { name }));
  const authors = news.filter((n) => n.what === "message").map((n) => n.name);
  if (authors.length > 0) {
    const names = new Intl.ListFormat(language, { type: "conjunction" }).format(new Set(authors));
    people.push(t("news.messages", { count: authors.length, names }));
  }
  return people.join(" ");
}
