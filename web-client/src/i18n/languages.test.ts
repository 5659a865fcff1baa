import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { languages, pickLanguage } from ".";
import ar from "./languages/ar.json";
import en from "./languages/en.json";
import es from "./languages/es.json";
import ja from "./languages/ja.json";

interface Texts {
  [key: string]: string | Texts;
}
const all: Record<string, Texts> = { en, es, ja, ar };

function flat(texts: Texts, path = ""): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}
const plural = /_(zero|one|two|few|many|other)$/;
const stems = (texts: Texts) => new Set(flat(texts).map(([key]) => key.replace(plural, "")));
const variables = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort();

test("every language that can be chosen has its file", () => {
  expect(Object.keys(all).sort()).toEqual(Object.keys(languages).sort());
});

describe.each(Object.keys(languages))("%s", (language) => {
  const texts = all[language] ?? {};
  const keys = new Map(flat(texts));

  test("has every text, and none that nobody knows", () => {
    expect([...stems(texts)].sort()).toEqual([...stems(en)].sort());
  });

  test("has every plural form of its grammar", () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const counted = new Set(
      [...flat(en)].filter(([key]) => plural.test(key)).map(([key]) => key.replace(plural, "")),
    );
    for (const stem of counted)
      for (const form of forms) expect(keys.has(`${stem}_${form}`), `${stem}_${form}`).toBe(true);
  });

  test("says nothing empty, and names the same things as English", () => {
    const english = new Map(flat(en));
    for (const [key, text] of keys) {
      expect(text.trim(), key).not.toBe("");
      const original = english.get(key) ?? english.get(key.replace(plural, "_other")) ?? "";
      // "One message" need not say the number.
      for (const variable of variables(text)) expect(variables(original), key).toContain(variable);
      if (!plural.test(key)) expect(variables(text), key).toEqual(variables(original));
    }
  });
});

test("every text is used somewhere", () => {
  const source = fileURLToPath(new URL("../", import.meta.url));
  const code = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes("generated") && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(source + file, "utf8"))
    .join("\n");
  // A key made of a part and a variable (`news.${what}`) counts by its part.
  const templates = [...code.matchAll(/t\(`([\w.]+)\.\$\{/g)].map(([, part]) => part);
  const unused = [...stems(en)].filter(
    (key) => !code.includes(`"${key}"`) && !templates.some((part) => key.startsWith(`${part}.`)),
  );
  expect(unused).toEqual([]);
});

test("picks what was chosen, then what the browser wants, then English", () => {
  expect(pickLanguage("ja", ["es"])).toBe("ja");
  expect(pickLanguage(null, ["fr-CA", "es-CO", "en"])).toBe("es");
  expect(pickLanguage("xx", ["ar-EG"])).toBe("ar");
  expect(pickLanguage(null, ["toString"])).toBe("en");
});
