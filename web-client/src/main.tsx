import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { rememberSignIn } from "./connection/device";
import { App } from "./features/app";
import { startLanguages } from "./i18n";
import { tokenOfFragment } from "./model/routes";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/join.css";
import "./styles/group.css";
import "./styles/people.css";
import "./styles/messages.css";
import "./styles/notes.css";
import "./styles/teach.css";

// A teacher's link carries its token in the fragment, which no server and no log ever sees. It leaves the
// address bar at once, so that a shared screen does not show it for long.
function takeTeacherToken(): boolean {
  if (!location.pathname.startsWith("/teach")) return false;
  const token = tokenOfFragment(location.hash);
  if (token === undefined) return false;
  rememberSignIn("teacher", { token, code: "" });
  history.replaceState(null, "", location.pathname);
  return true;
}

takeTeacherToken();
window.addEventListener("hashchange", () => {
  if (takeTeacherToken()) location.reload();
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
await startLanguages();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
