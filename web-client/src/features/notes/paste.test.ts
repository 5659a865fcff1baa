import { describe, expect, test } from "vitest";
import { saysBold, saysItalic, saysNotBold, styleName, withoutStyles } from "./paste";

describe("pasted text", () => {
  test.each([
    ["<p style='color:red'>a</p>", `<p  ${styleName}='color:red'>a</p>`],
    ['<p class="x"style="a">b</p>', `<p class="x" ${styleName}="a">b</p>`],
    ["<P STYLE=color>a</P>", `<P  ${styleName}=color>a</P>`],
    ["<style>p{color:red}</style>a", "a"],
    ["a<STYLE type=x>p{", "a"],
    ['<link rel="stylesheet" href="x">a', "a"],
    ["<p>a style=1 b</p>", "<p>a style=1 b</p>"],
    ['<p title="a > b" style="c">', `<p title="a > b"  ${styleName}="c">`],
  ])("%s", (html, without) => {
    expect(withoutStyles(html)).toBe(without);
  });

  test("what is bold and what is italic is read from it", () => {
    const styled = (style: string) => ({
      getAttribute: (name: string) => (name === styleName ? style : null),
    });
    expect(saysBold(styled("color:red; font-weight: 700"))).toBe(true);
    expect(saysBold(styled("font-weight:400"))).toBe(false);
    expect(saysNotBold(styled("font-weight:normal;"))).toBe(true);
    expect(saysItalic(styled("font-style:italic"))).toBe(true);
    expect(saysItalic({ getAttribute: () => null })).toBe(false);
  });
});
