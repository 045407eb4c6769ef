/** The panel begins: its script in its page. */

import { render } from "preact";
import "./css/panel.css";
import { Kept } from "./kept";
import { Panel } from "./parts/panel";
import { Store } from "./store";
import { transport } from "./transport";

const line = transport();
const store = new Store(line);
const root = document.getElementById("root");
if (root) {
  render(<Panel store={store} kept={new Kept(line)} />, root);
  store.start();
}
