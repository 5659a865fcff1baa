import table from "../../../protocol/schema/close-codes.json";

const comesBack = new Map(table.codes.map(({ code, reconnect }) => [code, reconnect]));

/** Whether to come back by itself after this close code. A code that nobody listed is a lost connection. */
export function mayReconnect(code: number): boolean {
  return comesBack.get(code) ?? true;
}

export function closeName(code: number): string | undefined {
  return table.codes.find((row) => row.code === code)?.name;
}
