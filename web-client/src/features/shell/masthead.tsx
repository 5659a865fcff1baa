import type { ReactNode } from "react";

/** The mark: a sun and a moon over one open book. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <circle className="mark-sun" cx="21" cy="24" r="9" />
      <path className="mark-moon" d="M45 11a10 10 0 1 0 7 16 8.500 8.500 0 0 1-7-16Z" />
      <path className="mark-book" d="M5 42q13.500-10 27 0 13.500-10 27 0v13q-13.500-9-27 1-13.500-10-27-1Z" />
    </svg>
  );
}

export function Masthead({ children }: { children?: ReactNode }) {
  return (
    <header className="masthead">
      <span className="wordmark">
        <Mark />
        Studium
      </span>
      {children}
    </header>
  );
}
