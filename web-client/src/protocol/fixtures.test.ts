// Both sides of the wire read protocol/fixtures/rpc: this test, and the server's own.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";

interface Fixture {
  params: {
    accepts: { why: string; value: unknown }[];
    refuses: { why: string; field: string; value: unknown }[];
  };
  result?: { accepts: { why: string; value: unknown }[] };
}

const protocol = fileURLToPath(new URL("../../../protocol/", import.meta.url));
const readJson = (path: string): unknown => JSON.parse(readFileSync(protocol + path, "utf8"));
const jsonFiles = (folder: string) => readdirSync(protocol + folder).filter((name) => name.endsWith(".json"));

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addSchema(readJson("schema/types.json") as object);
ajv.addSchema(readJson("schema/error.json") as object);
const messages = ["methods", "events"].flatMap((folder) =>
  jsonFiles(`schema/${folder}`).map((file) => {
    ajv.addSchema(readJson(`schema/${folder}/${file}`) as object);
    return { folder, file };
  }),
);

function validator(folder: string, file: string, part: "params" | "result") {
  const validate = ajv.getSchema(`${folder}/${file}#/$defs/${part}`);
  if (validate === undefined) throw new Error(`${folder}/${file} has no ${part}`);
  return validate;
}

/** The top-level members of the parameters that ajv complains about; "" where it is the whole. */
function offendingFields(errors: typeof Ajv2020.prototype.errors): string[] {
  return (errors ?? []).map(({ instancePath, keyword, params }) => {
    if (instancePath !== "") return instancePath.split("/")[1] ?? "";
    if (keyword === "required") return (params as { missingProperty: string }).missingProperty;
    if (keyword === "additionalProperties")
      return (params as { additionalProperty: string }).additionalProperty;
    return "";
  });
}

test("every method and event has its fixtures, and no fixture is of something else", () => {
  expect(jsonFiles("fixtures/rpc").sort()).toEqual(messages.map(({ file }) => file).sort());
});

describe.each(messages)("$file", ({ folder, file }) => {
  const fixture = readJson(`fixtures/rpc/${file}`) as Fixture;
  const params = validator(folder, file, "params");

  test.each(fixture.params.accepts)("takes $why", ({ value }) => {
    expect(params(value), ajv.errorsText(params.errors)).toBe(true);
  });

  test.each(fixture.params.refuses)("refuses $why", ({ field, value }) => {
    expect(params(value)).toBe(false);
    expect(offendingFields(params.errors)).toContain(field);
  });

  if (folder === "methods") {
    const result = validator(folder, file, "result");
    test.each(fixture.result?.accepts ?? [])("answers $why", ({ value }) => {
      expect(result(value), ajv.errorsText(result.errors)).toBe(true);
    });
    test("has an answer among its fixtures", () => {
      expect(fixture.result?.accepts.length).toBeGreaterThan(0);
    });
  }
});
