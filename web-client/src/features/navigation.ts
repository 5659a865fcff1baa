// The address bar as a value.

import { pathOf, routeOf, type Route } from "../model/routes";
import { Store } from "../model/store";

export const route = new Store<Route>(routeOf(location.pathname));

window.addEventListener("popstate", () => route.set(routeOf(location.pathname)));

export function go(to: Route, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", pathOf(to));
  else history.replaceState(null, "", pathOf(to));
  route.set(to);
  window.scrollTo(0, 0);
}
