import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openrpcText, schemaDirectory } from "../../scripts/openrpc.mjs";

test("openrpc.json says what the schemas say (else: npm run openrpc)", () => {
  expect(readFileSync(`${schemaDirectory}openrpc.json`, "utf8")).toBe(openrpcText());
});
