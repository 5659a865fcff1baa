import { expect, test } from "vitest";
import table from "../../../protocol/schema/close-codes.json";
import { closeName, mayReconnect } from "./close-codes";

test.each(table.codes)("obeys the table: $name ($code)", ({ code, reconnect }) => {
  expect(mayReconnect(code)).toBe(reconnect);
});

test("comes back after a connection that broke (1005, 1006)", () => {
  expect(mayReconnect(1005)).toBe(true);
  expect(mayReconnect(1006)).toBe(true);
  expect(closeName(1006)).toBeUndefined();
});

test("agrees with the stock provider on what is final: 4400 to 4499, and nothing else above 4000", () => {
  for (const { code, reconnect } of table.codes)
    if (code >= 4000) expect(reconnect).toBe(!(code >= 4400 && code < 4500));
});
