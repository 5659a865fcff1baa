import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailed } from "../../connection/live";
import { Icon } from "../icons";
import { LanguageMenu } from "../shell/language-menu";

interface Props {
  readonly mayLeave: boolean;
  /** Changes that the server doesn't have. */
  readonly waiting: number;
  readonly onLeave: () => Promise<void>;
}

export function GroupMenu({ mayLeave, waiting, onLeave }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const closeOutside = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("keydown", closeOnEscape);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("keydown", closeOnEscape);
    };
  }, [open]);

  return (
    <div className="menu" ref={box}>
      <button
        className="icon-button"
        data-testid="menu"
        aria-label={t("group.menu")}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <div className="menu-sheet">
          <LanguageMenu />
          {mayLeave && (
            <button
              className="button danger"
              data-testid="leave"
              onClick={() => {
                setOpen(false);
                setAsking(true);
              }}
            >
              {t("group.leave")}
            </button>
          )}
        </div>
      )}
      {asking && <LeaveDialog waiting={waiting} onLeave={onLeave} onClose={() => setAsking(false)} />}
    </div>
  );
}

interface LeaveProps {
  readonly waiting: number;
  readonly onLeave: () => Promise<void>;
  readonly onClose: () => void;
}

function LeaveDialog({ waiting, onLeave, onClose }: LeaveProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  const leave = async () => {
    setFailed(false);
    try {
      await onLeave();
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
      setFailed(true);
    }
  };

  return (
    <dialog className="dialog" ref={dialog} aria-labelledby="leave-title" onClose={onClose}>
      <h2 id="leave-title">{t("group.leaveTitle")}</h2>
      <p>{t("group.leaveText")}</p>
      {waiting > 0 && <p className="field-error">{t("group.leaveUnsaved")}</p>}
      <div role="alert">{failed && <p className="field-error">{t("group.leaveFailed")}</p>}</div>
      <div className="dialog-actions">
        <button className="button quiet" onClick={() => dialog.current?.close()}>
          {t("group.leaveNo")}
        </button>
        <button className="button danger" data-testid="leave-yes" onClick={() => void leave()}>
          {t("group.leaveYes")}
        </button>
      </div>
    </dialog>
  );
}
