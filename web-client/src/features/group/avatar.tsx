import { colourIndex, initials } from "../../model/identity";
import type { Member } from "../../protocol/generated/types";

/** Initials in the person's colour: filled for who is here, drawn in outline for who is not. */
export function Avatar({ member: { person, here } }: { member: Member }) {
  return (
    <span className="avatar" data-colour={colourIndex(person.id)} data-here={here} aria-hidden="true">
      {initials(person.name)}
    </span>
  );
}
