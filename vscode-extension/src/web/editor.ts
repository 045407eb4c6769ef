/** What the panel has the program around it do, as far as a page can. */

import type { ChosenModel, Editor, Place } from "../chat/backend";
import { mayOpen } from "../panel/markdown/parser";
import type { ModelInfo } from "../protocol";
import { copy } from "./clipboard";
import { forget, keep, kept } from "./kept";
import type { Page } from "./page";

/** The repository that is asked stands in the page's address, so that a bookmark leads to it. */
const REPOSITORY = "repo";
const MODEL = "model";
/** The model that is none. */
export const EXTRACTIVE = "extractive";

/** What stands behind the page. */
export interface Behind {
  connect: () => void;
  /** Another model answers from now on. */
  modelChanged: () => void;
  /** The model that answers where none is named. */
  own: () => ModelInfo | null;
}

export class PageEditor implements Editor {
  readonly around = "page";

  constructor(
    private readonly page: Page,
    private readonly behind: Behind,
  ) {}

  open(place: Place): Promise<void> {
    this.page.open(place);
    return Promise.resolve();
  }

  /** The reader sees where it leads first: the link's words are a model's. */
  openLink(href: string): Promise<void> {
    if (mayOpen(href)) {
      this.page.show({ link: href });
    }
    return Promise.resolve();
  }

  copy(text: string): Promise<void> {
    return copy(text);
  }

  save(name: string, text: string): Promise<void> {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
    link.download = name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim().slice(-120);
    link.click();
    setTimeout(() => { URL.revokeObjectURL(link.href); });
    return Promise.resolve();
  }

  async chooseModel(): Promise<void> {
    const name = await this.page.choose(kept(MODEL), this.behind.own());
    if (name !== null) {
      this.remember(MODEL, name);
      this.behind.modelChanged();
    }
  }

  remedy(remedy: string): Promise<void> {
    if (remedy === "retry") {
      this.behind.connect();
    }
    return Promise.resolve();
  }

  tell(line: string): void {
    this.page.tell(line);
  }

  model(): ChosenModel {
    const name = kept(MODEL);
    const kind = name === EXTRACTIVE ? "extractive" : "endpoint";
    return name ? { ask: name, info: { kind, name, window: 0, host: "" } } : { ask: undefined, info: null };
  }

  recall(key: string): string {
    return key === "root" ? new URLSearchParams(location.search).get(REPOSITORY) ?? "" : kept(key);
  }

  remember(key: string, value: string): void {
    if (key !== "root") {
      if (value) {
        keep(key, value);
      } else {
        forget(key);
      }
    } else if (value && value !== ONLY) {
      const address = new URL(location.href);
      address.searchParams.set(REPOSITORY, value);
      history.replaceState(null, "", address);
    }
  }
}

/** Stands for the name of a server's only repository, where the server names none. */
export const ONLY = ".";
