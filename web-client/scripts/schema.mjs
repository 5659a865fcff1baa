// The messages of /live as protocol/schema has them: one file per method and event, shared types beside them.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const schemaDirectory = fileURLToPath(new URL("../../protocol/schema/", import.meta.url));

const readJson = (path) => JSON.parse(readFileSync(schemaDirectory + path, "utf8"));
const namesIn = (folder) =>
  readdirSync(schemaDirectory + folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();

export const sharedTypes = () => readJson("types.json").$defs;
export const rpcError = () => readJson("error.json");
export const errorCodes = () => readJson("error-codes.json").codes;
export const methods = () => namesIn("methods").map((name) => readJson(`methods/${name}.json`));
export const events = () => namesIn("events").map((name) => readJson(`events/${name}.json`));

/** A copy of `schema` whose references to shared types begin with `prefix`. */
export function withReferences(schema, prefix) {
  if (Array.isArray(schema)) return schema.map((item) => withReferences(item, prefix));
  if (schema === null || typeof schema !== "object") return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === "$ref" && typeof value === "string"
        ? [key, value.replace(/^(\.\.\/types\.json)?#\/\$defs\//, prefix)]
        : [key, withReferences(value, prefix)],
    ),
  );
}
