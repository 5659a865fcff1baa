import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "../connection/device";
import { Session } from "../connection/session";
import { JoinPage } from "./join/join-page";
import { StudentGroup } from "./group/student-group";
import { useStore } from "./hooks";
import { go, route } from "./navigation";
import { LanguageMenu } from "./shell/language-menu";
import { Masthead } from "./shell/masthead";
import { TeacherGroup } from "./teach/teacher-group";
import { TeacherList } from "./teach/teacher-list";

const sessions: Partial<Record<Role, Session>> = {};

function sessionOf(role: Role): Session {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return (sessions[role] ??= new Session(role, `${scheme}//${location.host}/live`));
}

export function App() {
  const now = useStore(route);
  const role: Role = now.page === "teach" || now.page === "teach group" ? "teacher" : "student";
  const session = sessionOf(role);

  useEffect(() => {
    session.start();
    return () => session.stop();
  }, [session]);

  switch (now.page) {
    case "enter":
      return <JoinPage session={session} code="" />;
    case "join":
      return <JoinPage key={now.code} session={session} code={now.code} />;
    case "group":
      return <StudentGroup session={session} />;
    case "teach":
      return <TeacherList session={session} />;
    case "teach group":
      return <TeacherGroup key={now.group} session={session} group={now.group} />;
    case "unknown":
      return <UnknownPage />;
  }
}

function UnknownPage() {
  const { t } = useTranslation();
  return (
    <div className="plain-page">
      <Masthead>
        <LanguageMenu />
      </Masthead>
      <main className="plain-main">
        <h1>{t("app.unknownPage")}</h1>
        <button className="button" onClick={() => go({ page: "enter" }, "replace")}>
          {t("app.toStart")}
        </button>
      </main>
    </div>
  );
}
