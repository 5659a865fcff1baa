// Writes src/protocol/generated/: the TypeScript types of /live, and the limits that forms must know.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";
import { events, methods, rpcError, sharedTypes, withReferences } from "./schema.mjs";

const target = fileURLToPath(new URL("../src/protocol/generated/", import.meta.url));
const banner = "// Generated from protocol/schema by `npm run generate`: change the schema, not this file.\n";

const pascal = (name) => name.replace(/(^|\.)(\w)/g, (_, __, letter) => letter.toUpperCase());
const object = (properties) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const definitions = { ...sharedTypes() };
const methodTable = {};
const eventTable = {};
for (const { title, $defs } of methods()) {
  definitions[`${pascal(title)}Params`] = $defs.params;
  definitions[`${pascal(title)}Result`] = $defs.result;
  methodTable[title] = object({
    params: { $ref: `#/$defs/${pascal(title)}Params` },
    result: { $ref: `#/$defs/${pascal(title)}Result` },
  });
}
for (const { title, $defs } of events()) {
  definitions[`${pascal(title)}Params`] = $defs.params;
  eventTable[title] = { $ref: `#/$defs/${pascal(title)}Params` };
}
const { $schema: _dialect, $id: _id, title: _title, ...error } = rpcError();
definitions["RpcError"] = error;

const root = withReferences(
  {
    $defs: definitions,
    ...object({
      methods: object(methodTable),
      events: object(eventTable),
      error: { $ref: "#/$defs/RpcError" },
    }),
  },
  "#/$defs/",
);
const types = await compile(root, "Protocol", {
  bannerComment: banner,
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  unreachableDefinitions: false,
  cwd: target,
});

const method = (name) => methods().find((schema) => schema.title === name).$defs.params.properties;
const limits = {
  name: method("cohort.join").name.maxLength,
  codeMin: method("cohort.join").code.minLength,
  codeMax: method("cohort.join").code.maxLength,
  message: method("messages.send").text.maxLength,
  historyPage: method("messages.history").limit.default,
};

mkdirSync(target, { recursive: true });
writeFileSync(`${target}types.ts`, types);
writeFileSync(
  `${target}limits.ts`,
  `${banner}\n/** Lengths count code points, as JSON Schema and the server do. */\nexport const limits = ${JSON.stringify(limits, null, 2)} as const;\n`,
);
