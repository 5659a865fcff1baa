// Walks through the pages in a real Chromium and takes pictures of them, to be looked at by a person:
//   ./run --demo        and, beside it:
//   npm run look -- [--demo FILE] [--out DIRECTORY]
// Fails on a violation of the content policy, an error in the console, a request to elsewhere, a page that
// scrolls sideways, or a finding of axe.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values: options } = parseArgs({
  options: {
    demo: { type: "string", default: "../data/demo.json" },
    out: { type: "string", default: "look" },
  },
});
const demo = JSON.parse(readFileSync(options.demo, "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const phone = { width: 390, height: 844 };
const desktop = { width: 1366, height: 850 };
const complaints = [];

mkdirSync(options.out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
  ],
});

async function open(
  name,
  viewport,
  path,
  { locale = "en-GB", timezoneId = "America/Bogota", touch = false } = {},
) {
  const context = await browser.newContext({
    viewport,
    locale,
    timezoneId,
    hasTouch: touch,
    isMobile: touch,
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${name}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${name}: ${error.stack ?? error.message}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && origin !== new URL(demo.url).origin)
      complaints.push(`${name}: request to ${request.url()}`);
  });
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    ),
  );
  await page.goto(demo.url + path);
  return { name, page, context };
}

async function picture({ name, page }, what) {
  await page.screenshot({ path: `${options.out}/${name}-${what}.png` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) complaints.push(`${name} ${what}: scrolls sideways by ${wide} px`);
  const { violations } = await page.evaluate(`${axe}; axe.run()`);
  for (const { id, nodes } of violations)
    complaints.push(
      `${name} ${what}: axe ${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`,
    );
}

async function join(visitor, code, name) {
  const { page } = visitor;
  await page.getByTestId("join-code").fill(code);
  await page.getByTestId("join-name").fill(name);
  await picture(visitor, "join");
  await page.getByTestId("join-submit").click();
  await page.getByTestId("notes").waitFor();
}

const saved = (page) => page.locator('[data-testid="save-chip"][data-state="saved"]').waitFor();

const ana = await open("phone-en", phone, "/", { touch: true });
await ana.page.getByTestId("join-code").fill("WRONG1");
await ana.page.getByTestId("join-name").fill("Valentina");
await ana.page.getByTestId("join-submit").click();
await ana.page.locator(".field-error").waitFor();
await picture(ana, "wrong-code");
await join(ana, demo.join_code, "Valentina");
const ren = await open("desktop-en", desktop, `/join/${demo.osaka_join_code}`, { timezoneId: "Asia/Tokyo" });
await join(ren, demo.osaka_join_code, "Haruto");

await ana.page.getByTestId("notes").click();
await ana.page.keyboard.type("Two rivers, two cities");
await ana.page.getByRole("button", { name: "Heading", exact: true }).click();
await ana.page.keyboard.press("End");
await ana.page.keyboard.press("Enter");
await ana.page.keyboard.type("What does your river sound like at night?");
await saved(ana.page);
await ren.page.getByText("sound like at night").last().waitFor();
await ren.page.getByTestId("notes").locator("p").last().click();
await ren.page.keyboard.press("End");
await ren.page.keyboard.press("Enter");
await ren.page.keyboard.type("- the trains on the bridge");
await ren.page.keyboard.press("Enter");
await ren.page.keyboard.type("frogs, in June");
await saved(ren.page);
await ana.page.getByText("frogs, in June").last().waitFor();
await ana.page.locator(".caret-label").first().waitFor();
await picture(ana, "notes");
await ren.page.getByTestId("message-input").fill("I wrote two, your turn!");
await ren.page.getByTestId("message-send").click();
await ana.page.getByTestId("pane-messages").click();
await ana.page.getByTestId("message-input").fill("Ours is loud: buses all night.");
await ana.page.getByTestId("message-send").click();
await ren.page.getByText("buses all night").last().waitFor();
await picture(ana, "messages");
await ana.page.getByTestId("pane-people").click();
await picture(ana, "people");
await picture(ren, "group");
await ren.context.setOffline(true);
await ren.page.getByTestId("notes").locator("p").last().click();
await ren.page.keyboard.type(" (written offline)");
await ren.page.locator('[data-testid="save-chip"][data-state="offline"]').waitFor();
await ren.page.getByTestId("message-input").fill("And this without a network.");
await ren.page.keyboard.press("Enter");
await picture(ren, "offline");
await ren.context.setOffline(false);
await saved(ren.page);
await ana.page.getByText("(written offline)").last().waitFor({ state: "attached" });
await ana.page.getByTestId("pane-messages").click();
await ana.page.getByText("without a network").last().waitFor();

const small = await open("small-en", { width: 320, height: 568 }, `/join/${demo.join_code}`, { touch: true });
await join(small, demo.join_code, "Mateo");
await picture(small, "notes");
await small.page.getByTestId("menu").click();
await picture(small, "menu");
await small.page.getByTestId("leave").click();
await picture(small, "leave");
await small.page.getByTestId("leave-yes").click();
await small.page.getByTestId("join-code").waitFor();
await picture(small, "left");

const layla = await open("phone-ar", phone, `/join/${demo.join_code}`, {
  locale: "ar",
  timezoneId: "Africa/Cairo",
  touch: true,
});
await join(layla, demo.osaka_join_code, "Yui");
await picture(layla, "notes");
await layla.page.getByTestId("pane-messages").click();
await layla.page.getByTestId("message-input").fill("صباح الخير من القاهرة");
await picture(layla, "messages");
await layla.page.getByTestId("pane-people").click();
await picture(layla, "people");
await layla.page.setViewportSize(desktop);
await picture(layla, "desktop");

if (demo.teacher_token !== undefined) {
  const teacher = await open("desktop-teacher", desktop, `/teach#${demo.teacher_token}`);
  await teacher.page.getByTestId("group-card").first().waitFor();
  if (teacher.page.url().includes("#")) complaints.push("the teacher's token stays in the address bar");
  await picture(teacher, "list");
  await teacher.page.getByTestId("group-card").first().click();
  await teacher.page.getByTestId("notes").waitFor();
  await saved(teacher.page);
  await picture(teacher, "group");
  const onPhone = await open("phone-teacher", phone, `/teach#${demo.teacher_token}`, { touch: true });
  await onPhone.page.getByTestId("group-card").first().waitFor();
  await picture(onPhone, "list");
}

await browser.close();
const expected = /ERR_INTERNET_DISCONNECTED/;
const found = complaints.filter((text) => !expected.test(text));
for (const text of found) console.error(text);
console.log(found.length === 0 ? `All well; pictures in ${options.out}` : `${found.length} complaints`);
process.exitCode = found.length === 0 ? 0 : 1;
