// Languages of the page: one JSON file each, fetched when it is needed.

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { recall, remember } from "../connection/device";
import type english from "./languages/en.json";

export const languages = {
  en: { name: "English", direction: "ltr" },
  es: { name: "Español", direction: "ltr" },
  ja: { name: "日本語", direction: "ltr" },
  ar: { name: "العربية", direction: "rtl" },
} as const;

export type Language = keyof typeof languages;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof english };
  }
}

const isLanguage = (code: string): code is Language => Object.hasOwn(languages, code);

/** The first of the wanted ones ("es-CO" wants "es") that we have; English where there is none. */
export function pickLanguage(chosen: string | null, wanted: readonly string[]): Language {
  const codes = [chosen ?? "", ...wanted].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return codes.find(isLanguage) ?? "en";
}

const loaders: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./languages/en.json"),
  es: () => import("./languages/es.json"),
  ja: () => import("./languages/ja.json"),
  ar: () => import("./languages/ar.json"),
};

async function load(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation"))
    i18next.addResourceBundle(language, "translation", (await loaders[language]()).default);
}

export async function startLanguages(): Promise<void> {
  const language = pickLanguage(recall("language"), navigator.languages);
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes.
  });
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = languages[language].direction;
}

export async function switchLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  remember("language", language);
  document.documentElement.lang = language;
  document.documentElement.dir = languages[language].direction;
}
