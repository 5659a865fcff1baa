import { useTranslation } from "react-i18next";
import { languages, switchLanguage, type Language } from "../../i18n";

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <label className="language-menu">
      <span className="visually-hidden">{t("app.language")}</span>
      <select
        value={i18n.language}
        data-testid="language"
        onChange={(event) => void switchLanguage(event.target.value as Language)}
      >
        {Object.entries(languages).map(([code, { name }]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
