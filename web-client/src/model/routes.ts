// The addresses of our pages.

export type Route =
  | { readonly page: "enter" }
  | { readonly page: "join"; readonly code: string }
  | { readonly page: "group" }
  | { readonly page: "teach" }
  | { readonly page: "teach group"; readonly group: string }
  | { readonly page: "unknown" };

export function routeOf(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const [first, second] = parts;
  if (first === undefined) return { page: "enter" };
  if (first === "join" && parts.length <= 2)
    return second === undefined ? { page: "enter" } : { page: "join", code: decoded(second) };
  if (first === "group" && parts.length === 1) return { page: "group" };
  if (first === "teach" && parts.length === 1) return { page: "teach" };
  if (first === "teach" && parts.length === 2 && second !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(second))
    return { page: "teach group", group: second };
  return { page: "unknown" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function pathOf(route: Route): string {
  switch (route.page) {
    case "join":
      return `/join/${encodeURIComponent(route.code)}`;
    case "group":
      return "/group";
    case "teach":
      return "/teach";
    case "teach group":
      return `/teach/${route.group}`;
    case "enter":
    case "unknown":
      return "/";
  }
}

/** The token of a teacher's link; nothing where the fragment is none. */
export function tokenOfFragment(fragment: string): string | undefined {
  const token = decoded(fragment.replace(/^#/, ""));
  return /^[\x21-\x7e]{1,128}$/.test(token) ? token : undefined;
}
