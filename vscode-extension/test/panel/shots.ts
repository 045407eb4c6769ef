/** Pictures of all states, for eyes: `npm run gallery:shots [folder] [states] [themes] [widths]`. */

import { mkdirSync } from "node:fs";
import { stage } from "./browser";
import { STATES } from "./gallery/states";
import { THEMES } from "./gallery/server";
import type { Theme } from "./gallery/server";

const [folder = "shots", states = Object.keys(STATES).join(), themes = THEMES.join(), widths = "320,400,700"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const { show, close } = await stage();
for (const named of states.split(",")) {
  const [state = "", place = ""] = named.split("+");
  for (const theme of themes.split(",") as Theme[]) {
    for (const width of widths.split(",").map(Number)) {
      const page = await show(state, { theme, width });
      if (place) {
        await page.locator(`[data-opens="${place}"]`).click();
      }
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${folder}/${named}-${theme}-${width}.png` });
      await page.context().close();
    }
  }
}
await close();
