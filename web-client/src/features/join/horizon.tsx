/** One sky over two shores: where it is morning here, it is evening there. */
export function Horizon() {
  return (
    <svg
      className="horizon"
      viewBox="0 0 800 260"
      preserveAspectRatio="xMidYMax slice"
      aria-hidden="true"
      focusable="false"
    >
      <defs>
        <linearGradient id="sky" x1="0" x2="1" y1="0" y2="0">
          <stop className="sky-a" offset="0" />
          <stop className="sky-b" offset="0.42" />
          <stop className="sky-c" offset="0.68" />
          <stop className="sky-d" offset="1" />
        </linearGradient>
      </defs>
      <rect width="800" height="260" fill="url(#sky)" />
      <path className="horizon-arc" d="M40 232C220 58 580 58 760 232" />
      <circle className="horizon-sun" cx="300" cy="110" r="25" />
      <path className="horizon-moon" d="M512 96a23 23 0 1 0 19 35 19.500 19.500 0 0 1-19-35Z" />
      <g className="horizon-stars">
        <circle cx="566" cy="52" r="1.500" />
        <circle cx="590" cy="104" r="1.200" />
        <circle cx="484" cy="62" r="1.200" />
        <circle cx="545" cy="128" r="1.200" />
        <circle cx="690" cy="52" r="1.800" />
        <circle cx="732" cy="120" r="1.500" />
        <circle cx="770" cy="66" r="1.800" />
      </g>
      <path className="hill-far" d="M0 205q110-62 230-22t190 14 170-24 210 18v80H0z" />
      <path className="hill-near" d="M0 236q150-48 300-14t260 4 240-16v60H0z" />
    </svg>
  );
}
