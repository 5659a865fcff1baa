import { createContext, useContext } from "react";
import { colourIndex } from "../../model/identity";

/** Which of the colours a person has on this page. */
export const Colours = createContext<ReadonlyMap<string, number>>(new Map());

export function useColour(id: string): number {
  return useContext(Colours).get(id) ?? colourIndex(id);
}
