// The notes' editor: Tiptap on the shared document's "notes".

import { Editor } from "@tiptap/core";
import { Bold } from "@tiptap/extension-bold";
import { Collaboration } from "@tiptap/extension-collaboration";
import { CollaborationCaret } from "@tiptap/extension-collaboration-caret";
import { Document } from "@tiptap/extension-document";
import { HardBreak } from "@tiptap/extension-hard-break";
import { Heading } from "@tiptap/extension-heading";
import { Italic } from "@tiptap/extension-italic";
import { BulletList, ListItem, ListKeymap, OrderedList } from "@tiptap/extension-list";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Text } from "@tiptap/extension-text";
import { Placeholder } from "@tiptap/extensions";
import type { Collab } from "../../connection/collab";
import { renderCaret, renderSelection } from "./caret";
import { saysBold, saysItalic, saysNotBold, saysNotItalic, withoutStyles } from "./paste";

// Tab must leave the notes (WCAG 2.1.2), so items move in and out by other keys.
const Item = ListItem.extend({
  addKeyboardShortcuts() {
    return {
      Enter: () => this.editor.commands.splitListItem(this.name),
      "Mod-]": () => this.editor.commands.sinkListItem(this.name),
      "Mod-[": () => this.editor.commands.liftListItem(this.name),
    };
  },
});

const PastedBold = Bold.extend({
  parseHTML: () => [
    { tag: "strong" },
    { tag: "b", getAttrs: (element) => (saysNotBold(element) ? false : null) },
    { tag: "span", consuming: false, getAttrs: (element) => (saysBold(element) ? null : false) },
  ],
});
const PastedItalic = Italic.extend({
  parseHTML: () => [
    { tag: "em" },
    { tag: "i", getAttrs: (element) => (saysNotItalic(element) ? false : null) },
    { tag: "span", consuming: false, getAttrs: (element) => (saysItalic(element) ? null : false) },
  ],
});

export interface EditorTexts {
  readonly label: string;
  readonly placeholder: string;
  readonly keysId: string;
}

export function makeEditor(element: HTMLElement, collab: Collab, texts: EditorTexts): Editor {
  return new Editor({
    element,
    injectCSS: false, // The content policy refuses it; styles/notes.css has what it would have injected.
    textDirection: "auto",
    extensions: [
      Document,
      Paragraph,
      Text,
      Heading.configure({ levels: [2, 3] }),
      PastedBold,
      PastedItalic,
      BulletList,
      OrderedList,
      Item,
      ListKeymap,
      HardBreak,
      Placeholder.configure({ placeholder: texts.placeholder }),
      Collaboration.configure({ document: collab.doc, field: "notes" }),
      CollaborationCaret.configure({
        provider: collab,
        user: { ...collab.user },
        render: renderCaret,
        selectionRender: renderSelection,
      }),
    ],
    editorProps: {
      transformPastedHTML: withoutStyles,
      attributes: {
        "aria-label": texts.label,
        "aria-describedby": texts.keysId,
        "aria-multiline": "true",
        role: "textbox",
        "data-testid": "notes",
      },
    },
  });
}
