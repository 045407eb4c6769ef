/** The repository that the tests ask about, and what the model says of it. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../vscode/machine";
import type { Reply } from "../vscode/endpoint";

export const FILE = "shop/till.py";
export const START = 401;
export const END = 403;
export const PLACE = `${FILE}:${START}-${END}`;
/** How the panel names it. */
export const SHOWN = `till.py:${START}-${END}`;
export const CODE = "return sum(item.price for item in basket)";
export const ANSWER = `\`total\` adds up the prices [${PLACE}].`;

/** A model that reads the lines, then cites them. */
export const READ: Reply = { text: "Let me look. ", calls: [["page_in", { targets: [PLACE] }]] };
export const READING: (Reply | string)[] = [READ, ANSWER];

/** Speaks for a long time. */
export const SLOWLY: Reply = { text: "word ".repeat(2000), pause: 0.03 };

/** Markup that would act, if anything took it for markup. */
export const EVIL = "<img src=x onerror=\"document.title='owned'\">";
export const EVIL_FILE = "shop/evil <img src=x onerror=document.title='owned'>.py";

const LONG = Array.from({ length: 400 }, (_, at) => `# line ${at + 1}`).join("\n");

const FILES: Record<string, string> = {
  [FILE]: `${LONG}\ndef total(basket):\n    """The price of all that is in a basket."""\n    ${CODE}\n`,
  "shop/basket.py": "from shop.till import total\n\n\nclass Basket(list):\n    def price(self):\n        return total(self)\n",
  [EVIL_FILE]: `def evil():\n    """${EVIL}<script>document.title='owned'</script>"""\n    return 1\n`,
};

/** Makes it in a folder, as a user has it cloned. */
export function makeShop(folder: string): void {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  run("git", ["init", "--quiet"], folder);
}

/** Another one, with nothing in common. */
export function makeBakery(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "oven.py"), "def bake(bread):\n    return bread.warm()\n");
  run("git", ["init", "--quiet"], folder);
}
