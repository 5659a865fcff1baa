import { useEffect, useRef, type ReactNode } from "react";
import { minuteOfDay } from "../../model/time";
import type { Member } from "../../protocol/generated/types";
import { useClock } from "../hooks";
import { Avatar } from "./avatar";

/**
 * The group under one sky: midnight to midnight, and everybody where their day stands. The list below it says
 * the same in words.
 */
export function SkyBand({ members }: { members: readonly Member[] }) {
  const now = useClock();
  const placed = members.flatMap((member) => {
    const minute = member.person.time_zone === null ? undefined : minuteOfDay(now, member.person.time_zone);
    return minute === undefined ? [] : [{ member, minute }];
  });
  if (placed.length === 0) return null;
  // Who shares an hour stands side by side.
  const byHour = groups(placed);
  return (
    <div className="sky-band" aria-hidden="true" dir="ltr">
      {[...byHour.values()].map((together) => {
        const first = together[0];
        return first === undefined ? null : (
          <Placed key={first.member.person.id} share={first.minute / 1440}>
            {together.map(({ member }) => (
              <Avatar key={member.person.id} member={member} />
            ))}
          </Placed>
        );
      })}
    </div>
  );
}

interface Spot {
  readonly member: Member;
  readonly minute: number;
}

function groups(placed: readonly Spot[]): Map<number, Spot[]> {
  const byHour = new Map<number, Spot[]>();
  for (const spot of placed) {
    const key = Math.floor(spot.minute / 90);
    byHour.set(key, [...(byHour.get(key) ?? []), spot]);
  }
  return byHour;
}

function Placed({ share, children }: { share: number; children: ReactNode }) {
  const spot = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    // Through the CSS object model: the content policy refuses style attributes.
    spot.current?.style.setProperty("--share", share.toFixed(4));
  }, [share]);
  return (
    <span className="sky-spot" ref={spot}>
      {children}
    </span>
  );
}
