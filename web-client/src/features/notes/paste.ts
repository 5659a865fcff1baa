// Text pasted from elsewhere. Word processors say in style attributes what is bold; the content policy blocks
// those before anybody can read them (and Google Docs wraps all in a <b> that a style makes normal again). So
// they come in under another name, from which bold and italic are read.

export const styleName = "data-pasted-style";

/** The same HTML without style sheets, and with each style attribute under the other name. */
export function withoutStyles(html: string): string {
  return html
    .replace(/<style\b[^>]*>[\s\S]*?(<\/style\s*>|$)/gi, "")
    .replace(/<link\b[^>]*>/gi, "")
    .replace(/<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi, (tag) =>
      tag.replace(/(\s|["'])style\s*=/gi, `$1 ${styleName}=`),
    );
}

interface Styled {
  getAttribute(name: string): string | null;
}

const pastedStyle = (element: Styled) => element.getAttribute(styleName) ?? "";

export const saysBold = (element: Styled): boolean =>
  /font-weight\s*:\s*(bold|bolder|[6-9]\d\d)\b/i.test(pastedStyle(element));
export const saysNotBold = (element: Styled): boolean =>
  /font-weight\s*:\s*(normal|[1-5]\d\d)\b/i.test(pastedStyle(element));
export const saysItalic = (element: Styled): boolean =>
  /font-style\s*:\s*(italic|oblique)\b/i.test(pastedStyle(element));
export const saysNotItalic = (element: Styled): boolean =>
  /font-style\s*:\s*normal\b/i.test(pastedStyle(element));
