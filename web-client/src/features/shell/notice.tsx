import type { ReactNode } from "react";
import { Icon, type IconName } from "../icons";

interface Props {
  readonly icon?: IconName;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly tone?: "plain" | "warning";
}

/** Says what is the matter and what to do next. */
export function Notice({ icon = "alert", children, action, tone = "plain" }: Props) {
  return (
    <div className="notice" data-tone={tone}>
      <Icon name={icon} />
      <p>{children}</p>
      {action}
    </div>
  );
}

export function Loading({ children }: { children: ReactNode }) {
  return (
    <div className="loading" role="status">
      <span className="loading-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <p>{children}</p>
    </div>
  );
}
