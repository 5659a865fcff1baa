import type { Editor } from "@tiptap/core";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";

interface Tool {
  readonly name: "heading" | "subheading" | "bold" | "italic" | "bullets" | "numbers" | "undo" | "redo";
  readonly face: ReactNode;
  readonly on?: (editor: Editor) => boolean;
  readonly run: (editor: Editor) => boolean;
}

const tools: readonly Tool[] = [
  {
    name: "heading",
    face: "H",
    on: (e) => e.isActive("heading", { level: 2 }),
    run: (e) => e.chain().focus().toggleHeading({ level: 2 }).run(),
  },
  {
    name: "subheading",
    face: <small>H</small>,
    on: (e) => e.isActive("heading", { level: 3 }),
    run: (e) => e.chain().focus().toggleHeading({ level: 3 }).run(),
  },
  {
    name: "bold",
    face: <b>B</b>,
    on: (e) => e.isActive("bold"),
    run: (e) => e.chain().focus().toggleBold().run(),
  },
  {
    name: "italic",
    face: <i>I</i>,
    on: (e) => e.isActive("italic"),
    run: (e) => e.chain().focus().toggleItalic().run(),
  },
  {
    name: "bullets",
    face: <Icon name="bullets" />,
    on: (e) => e.isActive("bulletList"),
    run: (e) => e.chain().focus().toggleBulletList().run(),
  },
  {
    name: "numbers",
    face: <Icon name="numbers" />,
    on: (e) => e.isActive("orderedList"),
    run: (e) => e.chain().focus().toggleOrderedList().run(),
  },
  { name: "undo", face: <Icon name="undo" />, run: (e) => e.chain().focus().undo().run() },
  { name: "redo", face: <Icon name="redo" />, run: (e) => e.chain().focus().redo().run() },
];

/** One stop for Tab; the arrow keys go from tool to tool (ARIA toolbar pattern). */
export function Toolbar({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const [active, setActive] = useState<readonly boolean[]>([]);
  const [stop, setStop] = useState(0);
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);

  useEffect(() => {
    const look = () => {
      const next = tools.map((tool) => tool.on?.(editor) ?? false);
      setActive((now) => (now.length === next.length && now.every((on, i) => on === next[i]) ? now : next));
    };
    look();
    editor.on("transaction", look);
    return () => void editor.off("transaction", look);
  }, [editor]);

  const onKey = (event: KeyboardEvent) => {
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const to = { [forward]: stop + 1, [backward]: stop - 1, Home: 0, End: tools.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tools.length) % tools.length;
    setStop(next);
    buttons.current[next]?.focus();
  };

  return (
    <div className="toolbar" role="toolbar" aria-label={t("notes.toolbar")} onKeyDown={onKey}>
      {tools.map((tool, i) => (
        <button
          key={tool.name}
          ref={(button) => void (buttons.current[i] = button)}
          type="button"
          className="tool"
          aria-label={t(`notes.${tool.name}`)}
          title={t(`notes.${tool.name}`)}
          aria-pressed={tool.on === undefined ? undefined : (active[i] ?? false)}
          tabIndex={i === stop ? 0 : -1}
          onFocus={() => setStop(i)}
          // The selection in the notes stays while a tool is pressed.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => void tool.run(editor)}
        >
          {tool.face}
        </button>
      ))}
    </div>
  );
}
