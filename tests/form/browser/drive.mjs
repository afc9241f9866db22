// Fills the form of an order as a person does, in Debian's Chromium: node drive.mjs URL CHROMIUM SCREENSHOTS.
// Prints the keys of the orders that were saved, one a line; fails with what was expected and what there was.
import assert from "node:assert/strict";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, executablePath, screenshots] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

let page;  // the one that is driven, for a picture of how far it came

async function open(by) {
  page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
  page.setDefaultTimeout(60000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${url}/?by=${by}`);
  return problems;
}

async function fillLine(page, index, values) {
  for (const [name, value] of Object.entries(values)) await page.fill(`#root_lines_${index}_${name}`, value);
}

async function withRjsf() {
  const problems = await open("rjsf");
  const saved = [];
  await page.waitForSelector("#root_customer");
  const text = await page.textContent("main");
  for (const title of ["销售订单", "客户", "下单日期", "加急", "明细", "合计"]) assert.ok(text.includes(title), `${title} is shown`);
  assert.ok(!text.includes("毛利"), "what the role may not see is not there");
  assert.equal(await page.locator("#root_total").getAttribute("readonly"), "", "a formula is read-only");
  assert.equal(await page.locator("#root_reason").count(), 0, "a field is hidden while its condition is not true");

  await page.selectOption("#root_customer", { label: "华东贸易" });
  await page.selectOption("#root_owner", { label: "李雷" });
  await page.fill("#root_ordered_on", "2026-11-21");
  await page.selectOption("#root_priority", { label: "加急" });
  await page.fill("#root_reason", "客户停产");
  const add = page.locator(".rjsf-array-item-add button");
  await page.waitForSelector("#root_lines_0_product");  // minItems: 1 brings the first
  await fillLine(page, 0, { product: "螺丝", serial: "A-1", quantity: "10", price: "0.07" });
  await add.click();
  await fillLine(page, 1, { product: "误加", quantity: "1", price: "999" });
  await add.click();
  await fillLine(page, 2, { product: "螺母", serial: "A-2", quantity: "2.5", price: "12.30" });
  await page.locator(".rjsf-array-item-remove").nth(1).click();
  await page.waitForFunction(() => document.querySelector("#root_lines_1_product")?.value === "螺母");
  assert.equal(await page.locator("#root_lines_2_product").count(), 0, "the line is gone");

  // What the schema says is found before anything is sent.
  await page.fill("#root_lines_1_quantity", "0");
  await page.click("button[type=submit]");
  await page.waitForSelector("#root_lines_1_quantity__error");
  assert.equal(await page.locator("#saved").count(), 0);
  await page.fill("#root_lines_1_quantity", "2.5");
  await page.click("button[type=submit]");
  saved.push(await page.textContent("#saved"));
  await page.screenshot({ path: join(screenshots, "form_saved.png"), fullPage: true });

  // The same serial number again: only the engine knows, and says so at the field of the second line.
  await page.goto(`${url}/?by=rjsf`);
  await page.waitForSelector("#root_customer");
  assert.equal(await page.inputValue("#root_owner"), "", "nothing is chosen for whoever did not choose");
  await page.selectOption("#root_customer", { label: "华东贸易" });
  await page.fill("#root_ordered_on", "2026-11-22");
  await fillLine(page, 0, { product: "垫片", serial: "B-1", quantity: "1", price: "5" });
  await add.click();
  await fillLine(page, 1, { product: "螺母", serial: "A-2", quantity: "1", price: "5" });
  await page.click("button[type=submit]");
  await page.waitForSelector("#root_lines_1_serial__error");
  const message = await page.textContent("#root_lines_1_serial__error");
  assert.match(message, /序列号/, "the engine's reason, in Chinese");
  assert.equal(await page.locator("#root_lines_0_serial__error").count(), 0, "at that line alone");
  assert.equal(await page.locator("#saved").count(), 0);
  await page.screenshot({ path: join(screenshots, "form_refused.png"), fullPage: true });

  // Mended, it is taken.
  await page.fill("#root_lines_1_serial", "B-2");
  await page.click("button[type=submit]");
  saved.push(await page.textContent("#saved"));
  assert.deepEqual(problems, []);
  return saved;
}

async function withJsonForms() {
  const problems = await open("jsonforms");
  const control = (property, within = page) => within.locator(`.root_properties_${property}`).first();
  const input = (property, within) => control(property, within).locator("input, select, textarea").first();
  const line = (index) => page.locator(".array-control-layout .children > div").nth(index);
  // The renderer hands a text on once nothing more is typed, and draws the form anew when the page has taken it; what is
  // typed in that moment is lost, and is typed again.
  async function type(field, value, taken, ...wanted) {
    for (let times = 1; ; times++) {
      await field.fill(value);
      try {
        await page.waitForFunction(taken, wanted, { timeout: 5000 });
        return;
      } catch (error) {
        if (times === 5) throw error;
      }
    }
  }
  // Into a field of the order, or of the line with that number.
  function fill(property, value, number) {
    const taken = ([name, wanted, at]) => {
      const order = JSON.parse(document.querySelector("main").dataset.document);
      return String((at === null ? order : order.lines?.[at])?.[name]) === wanted;
    };
    return type(input(property, number === undefined ? page : line(number)), value, taken, property, value, number ?? null);
  }
  // A text that need not be a value: the page has that part of it.
  function write(property, value, part, number) {
    const taken = ([wanted]) => document.querySelector("main").dataset.document.includes(wanted);
    return type(input(property, number === undefined ? page : line(number)), value, taken, part);
  }
  const complaint = (property, within) => control(property, within).locator(".validation_error");

  await page.waitForSelector("text=联系方式");  // a group of the layout
  const text = await page.innerText("main");
  for (const title of ["客户", "明细", "明细与金额", "合计", "优先级", "规格"]) assert.ok(text.includes(title), `${title} is shown`);
  assert.ok(!text.includes("毛利") && !text.includes("加急原因"), "neither what is hidden nor what does not apply");
  await page.screenshot({ path: join(screenshots, "form_jsonforms.png"), fullPage: true });
  await input("priority").selectOption({ label: "加急" });
  await page.waitForSelector("text=加急原因");  // the rule shows it
  assert.equal(await input("total").isDisabled(), true, "a formula is read-only");

  await input("customer").selectOption({ label: "北方机械" });
  await fill("ordered_on", "2026-11-23");
  await fill("reason", "展会");
  await write("spec", '{"颜色": [1.50', "[1.50");
  await page.click(".button-add");
  for (const [name, value] of Object.entries({ product: "轴承", serial: "C-1", quantity: "4", price: "2.25" })) await fill(name, value, 0);
  await page.click(".button-add");
  for (const [name, value] of Object.entries({ product: "螺母", serial: "A-2", quantity: "1", price: "5" })) await fill(name, value, 1);

  // Text that is no JSON is refused at its field.
  await page.click("#send");
  await complaint("spec").waitFor();
  assert.match(await complaint("spec").textContent(), /JSON/);
  assert.equal(await page.locator("#saved").count(), 0);

  // Then a serial number that is there already, at that line alone.
  await write("spec", '{"颜色": [1.50, null]}', "1.50, null]");
  await page.click("#send");
  await complaint("serial", line(1)).waitFor();
  assert.match(await complaint("serial", line(1)).textContent(), /序列号/, "the engine's reason, in Chinese");
  assert.equal(await complaint("serial", line(0)).count(), 0);
  assert.equal(await complaint("spec").count(), 0, "what was mended is no longer complained about");
  assert.equal(await page.locator("#saved").count(), 0);
  await page.screenshot({ path: join(screenshots, "form_jsonforms_refused.png"), fullPage: true });

  // Mended, it is taken.
  await write("serial", "C-2", "C-2", 1);  // it stays marked until it is sent again
  await page.click("#send");
  const saved = await page.textContent("#saved");
  assert.deepEqual(problems, []);
  return saved;
}

try {
  for (const key of await withRjsf()) console.log(key);
  console.log(await withJsonForms());
} catch (error) {
  await page?.screenshot({ path: join(screenshots, "form_failed.png"), fullPage: true });
  throw error;
} finally {
  await browser.close();
}
