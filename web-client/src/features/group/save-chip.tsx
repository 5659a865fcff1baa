import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import { chipOf, type Chip, type SaveState } from "../../model/save-state";
import { Icon, type IconName } from "../icons";

const icons: Record<Chip["state"], IconName> = {
  saved: "check",
  sending: "up",
  offline: "cloudOff",
  unsaved: "alert",
};

function chipText(chip: Chip, save: SaveState, t: TFunction): string {
  switch (chip.state) {
    case "saved":
      return t("chip.saved");
    case "sending":
      return t("chip.sending", { count: chip.count });
    case "offline":
      return t("chip.offline");
    case "unsaved":
      if (chip.why === "offline") return t("chip.unsavedOffline");
      if (chip.why === "store away, nothing waits") return t("chip.storeAway");
      return t(save.device === "fails" ? "chip.unsavedStoreFails" : "chip.unsavedStore");
  }
}

/** Says at any time where the text is. Not read out at each letter: what matters goes to the announcements. */
export function SaveChip({ save }: { save: SaveState }) {
  const { t } = useTranslation();
  const chip = chipOf(save);
  return (
    <span className="chip" role="status" aria-live="off" data-testid="save-chip" data-state={chip.state}>
      <Icon name={icons[chip.state]} />
      <span>{chipText(chip, save, t)}</span>
    </span>
  );
}
