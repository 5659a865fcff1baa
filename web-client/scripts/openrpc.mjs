// Prints or writes (--write) the OpenRPC description of /live, made from protocol/schema.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  errorCodes,
  events,
  methods,
  rpcError,
  schemaDirectory,
  sharedTypes,
  withReferences,
} from "./schema.mjs";

const prefix = "#/components/schemas/";

const parameters = ({ properties, required }) =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    required: required.includes(name),
    schema: withReferences(schema, prefix),
  }));

const describeMethod = ({ title, description, $defs }) => ({
  name: title,
  description,
  paramStructure: "by-name",
  params: parameters($defs.params),
  result: { name: "result", schema: withReferences($defs.result, prefix) },
});

// OpenRPC has no word for what a server sends unasked, so the events stand in an extension.
const describeEvent = ({ title, description, $defs }) => ({
  name: title,
  description,
  paramStructure: "by-name",
  params: parameters($defs.params),
});

export function openrpc() {
  const { $schema: _dialect, $id: _id, ...error } = rpcError();
  return {
    openrpc: "1.3.2",
    info: {
      title: "Studium /live",
      version: "1",
      description:
        "JSON-RPC 2.0 over WebSocket, one message per text frame; hello comes first. Made from the files in methods/ and events/ by web-client/scripts/openrpc.mjs.",
      license: { name: "MIT" },
    },
    methods: methods().map(describeMethod),
    "x-events": events().map(describeEvent),
    "x-error-codes": errorCodes(),
    components: { schemas: { ...withReferences(sharedTypes(), prefix), RpcError: error } },
  };
}

export { schemaDirectory };
export const openrpcText = () => `${JSON.stringify(openrpc(), null, 2)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--write")) writeFileSync(`${schemaDirectory}openrpc.json`, openrpcText());
  else process.stdout.write(openrpcText());
}
