import type { Editor } from "@tiptap/core";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Collab } from "../../connection/collab";
import { makeEditor } from "./editor";
import { Toolbar } from "./toolbar";

export default function NotesEditor({ collab }: { collab: Collab }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const keysId = useId();
  const label = t("notes.label");
  const placeholder = t("notes.placeholder");

  useEffect(() => {
    if (place.current === null) return;
    const made = makeEditor(place.current, collab, { label, placeholder, keysId });
    setEditor(made);
    return () => {
      made.destroy();
      setEditor(null);
    };
  }, [collab, label, placeholder, keysId]);

  return (
    <>
      {editor !== null && <Toolbar editor={editor} />}
      <div className="sheet" ref={place} />
      <p id={keysId} className="visually-hidden">
        {t("notes.keys")}
      </p>
    </>
  );
}
