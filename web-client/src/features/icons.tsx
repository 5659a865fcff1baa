// Drawn by hand on a 24-unit grid; always beside words or a label, so hidden from screen readers.

const paths = {
  notes: "M5 3.5h10l4 4v13H5zM15 3.500v4h4M8.500 12h7M8.500 16h5",
  messages: "M4 5.500h16v11h-9l-4.500 4v-4H4zM8 9.500h8M8 12.800h5",
  people:
    "M9 11a3.300 3.300 0 1 0 0-6.600A3.300 3.300 0 0 0 9 11zM3 20c.4-4 2.700-6 6-6s5.600 2 6 6M16 11.200a2.900 2.900 0 1 0-1-5.600M17.500 14.300c2.100.6 3.300 2.500 3.500 5.200",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M4 12 20 4.500 15 20l-3.500-6.500zM11.500 13.500 20 4.500",
  check: "M5 12.500 10 17.500 19 7",
  up: "M12 19V6M6 11.500 12 5.500l6 6",
  cloudOff:
    "M4 4l16 16M8.500 8.300A5.500 5.500 0 0 0 7 8.500 4.500 4.500 0 0 0 7.500 18h9.700M11 6.500a5.500 5.500 0 0 1 6.800 4.300A3.700 3.700 0 0 1 20 16.500",
  alert: "M12 4 2.800 19.500h18.400zM12 10v4.500M12 17h.01",
  undo: "M8 5 4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11h-4",
  redo: "M16 5l4 4-4 4M20 9H10a5.500 5.500 0 0 0 0 11h4",
  bullets: "M4.500 6.500h.01M4.500 12h.01M4.500 17.500h.01M9 6.500h11M9 12h11M9 17.500h11",
  numbers:
    "M3.500 5.500 5 4.500v5M3.500 14.500c.5-1.200 2.600-1 2.600.4 0 1.200-2.600 2-2.600 3.600h2.800M10 6.500h10.500M10 12h10.500M10 17.500h10.500",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  moon: "M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z",
  back: "M14.500 5.500 8 12l6.500 6.500",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" data-icon={name} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
