/** The page begins: the panel with its controller beside it, and what the page shows by itself. */

import { render } from "preact";
import { here } from "./begin";
import "../panel/main";
import "./css/theme.css";
import "./css/page.css";
import { Beside } from "./beside";
import { followScheme } from "./scheme";

followScheme();
const beside = document.getElementById("beside");
if (beside) {
  render(<Beside page={here.page} server={here.server} />, beside);
}
here.server.connect();
