/** One sky over two shores: where it is morning here, it is evening there. */
export function Horizon() {
  return (
    <svg className="horizon" viewBox="0 0 800 260" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
      <defs>
        <linearGradient id="sky" x1="0" x2="1" y1="0" y2="0">
          <stop className="sky-a" offset="0" />
          <stop className="sky-b" offset="0.42" />
          <stop className="sky-c" offset="0.68" />
          <stop className="sky-d" offset="1" />
        </linearGradient>
      </defs>
      <rect width="800" height="260" fill="url(#sky)" />
      <path className="horizon-arc" d="M-20 250C140 30 660 30 820 250" />
      <circle className="horizon-sun" cx="196" cy="110" r="30" />
      <path className="horizon-moon" d="M604 84a27 27 0 1 0 22 42 23 23 0 0 1-22-42Z" />
      <g className="horizon-stars">
        <circle cx="690" cy="52" r="2" />
        <circle cx="732" cy="120" r="1.500" />
        <circle cx="560" cy="40" r="1.500" />
        <circle cx="662" cy="160" r="1.500" />
        <circle cx="770" cy="66" r="2" />
      </g>
      <path className="hill-far" d="M0 205q110-62 230-22t190 14 170-24 210 18v80H0z" />
      <path className="hill-near" d="M0 236q150-48 300-14t260 4 240-16v60H0z" />
    </svg>
  );
}
