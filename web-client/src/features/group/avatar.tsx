import { initials } from "../../model/identity";
import type { Member } from "../../protocol/generated/types";
import { useColour } from "./colours";

/** Initials in the person's colour: filled for who is here, drawn in outline for who is not. */
export function Avatar({ member: { person, here } }: { member: Member }) {
  const colour = useColour(person.id);
  return (
    <span className="avatar" data-colour={colour} data-here={here} aria-hidden="true">
      {initials(person.name)}
    </span>
  );
}
