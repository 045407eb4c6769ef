/**
 * The panel's other half: takes its actions, asks the server, and tells it what is new. Knows no editor and no page.
 *
 * The server is the truth of conversations and memory. What is only here is what is in flight, and which
 * conversation of which repository is shown; the editor remembers that from one run to the next.
 */

import type { Attachment, Changed, Status } from "../protocol";
import type { Action, Question, State, Update } from "./contract";
import type { Backend, Editor } from "./backend";
import { failed, inWords } from "./backend";
import type { Conversation } from "./conversation";
import { Conversations } from "./conversations";
import { Freshness } from "./freshness";
import { Indexing, NO_INDEX } from "./indexing";
import { Library } from "./library";
import type { BlockName, Edit } from "./memory";
import { Memory } from "./memory";
import { sameAttachment, sessionName, targetOf } from "./names";
import { reply } from "./questions";
import { Readiness } from "./readiness";

export interface Root {
  name: string;
  uri: string;
}

/** One panel's end of the line. */
export interface Connection {
  receive(message: Action | Question): void;
  close(): void;
}

export class Controller {
  private readonly panels = new Set<(update: Update) => void>();
  private readonly talks: Conversations;
  private readonly readiness: Readiness;
  private readonly freshness: Freshness;
  private readonly indexing: Indexing;
  private readonly library: Library;
  private readonly memory: Memory;
  private index: Status = NO_INDEX;
  private suggestions: string[] = [];
  private attachments: Attachment[] = [];
  private selection: Attachment | null = null;
  private roots: Root[] = [];
  private root = "";
  private told = false;
  private readonly closing: (() => void)[];

  constructor(
    private readonly backend: Backend,
    private readonly editor: Editor,
  ) {
    this.freshness = new Freshness(backend, () => this.current);
    this.indexing = new Indexing(backend, (status) => { this.takeStatus(status); });
    this.library = new Library(backend, () => { this.slice("sessions", "title"); });
    this.memory = new Memory(backend, () => this.current, () => { this.slice("memory"); });
    const readiness = new Readiness(backend);
    this.readiness = readiness;
    const send = (update: Update): void => { this.send(update); };
    const world = { backend, editor, send, ready: (signal: AbortSignal) => readiness.wait(signal) };
    this.talks = new Conversations(world, () => this.root, (...parts) => { this.slice(...parts); });
    let state = backend.server.state;
    this.closing = [
      backend.onServer((server) => {
        this.slice("server");
        if (server.state === "ready" && state !== "ready") {
          this.told = false;
          void this.reload();
        }
        state = server.state;
      }),
      backend.onChanged((changed) => { this.changed(changed); }),
      backend.onEvent((event) => {
        const conversation = this.talks.hear(event);
        if (conversation && conversation === this.current) {
          this.memory.heard(event);
        }
      }),
    ];
  }

  private get current(): Conversation | null {
    return this.talks.shown;
  }

  get state(): State {
    return {
      around: this.editor.around,
      server: this.backend.server,
      index: this.index,
      model: this.editor.model().info ?? this.index.model ?? null,
      session: this.current?.session ?? "",
      title: (this.current && (this.library.title(this.current.session) || this.current.title)) ?? "",
      sessions: this.library.sessions,
      turns: this.current?.turns ?? [],
      memory: this.memory.view,
      suggestions: this.suggestions,
      attachments: this.attachments,
      selection: this.selection,
      roots: this.roots,
      root: this.root,
    };
  }

  connect(send: (update: Update) => void): Connection {
    const { backend } = this;
    this.panels.add(send);
    return {
      receive: (message) => {
        if (message.type === "ready") {
          send({ type: "state", state: this.state });
        } else if (message.type === "question") {
          void reply(message, this.root, backend, this.library).then(send);
        } else {
          this.act(message);
        }
      },
      close: () => this.panels.delete(send),
    };
  }

  close(): void {
    this.indexing.stop();
    this.closing.forEach((close) => { close(); });
    this.talks.stop();
  }

  // What the editor around the panel does.

  setRoots(roots: Root[]): void {
    this.roots = roots;
    if (!roots.some((root) => root.uri === this.root)) {
      const before = this.editor.recall("root");
      void this.chooseRoot((roots.find((root) => root.uri === before) ?? roots[0])?.uri ?? "");
    } else {
      this.slice("roots");
    }
  }

  /** What is asked next is about this repository. Resolves once the server has said what it holds. */
  async turnTo(uri: string): Promise<void> {
    if (uri !== this.root && this.roots.some((root) => root.uri === uri)) {
      await this.chooseRoot(uri);
    }
  }

  select(selection: Attachment | null): void {
    if (JSON.stringify(selection) !== JSON.stringify(this.selection)) {
      this.selection = selection;
      this.slice("selection");
    }
  }

  /** The model that answers is another now. */
  modelChanged(): void {
    this.slice("model");
    void this.indexing.watch(this.root);
  }

  /** The model to name in a question that is asked outside the panel. */
  asks(): string | undefined {
    return this.editor.model().ask;
  }

  focus(): void {
    this.send({ type: "focus" });
  }

  draft(text: string): void {
    this.send({ type: "draft", text });
  }

  /** Bring regions into the window of the conversation that is shown, or of a new one. */
  async pageIn(attachments: Attachment[]): Promise<void> {
    await this.edit("memls/page_in", { targets: attachments.map(targetOf) });
  }

  /** Resolves when the question is over. */
  async ask(question: string, attachments: Attachment[]): Promise<void> {
    if (!question.trim()) {
      return;
    }
    const conversation = this.opened();
    const over = conversation.ask(question, attachments);
    this.attachments = this.attachments.filter((one) => !attachments.some((other) => sameAttachment(one, other)));
    this.slice("attachments", "title");
    await this.follow(conversation, over);
  }

  act(action: Exclude<Action, { type: "ready" }>): void {
    this.perform(action).catch((error: unknown) => { this.complain(error); });
  }

  private async perform(action: Exclude<Action, { type: "ready" }>): Promise<void> {
    const { editor, root } = this;
    switch (action.type) {
      case "ask": return this.ask(action.question, action.attachments);
      case "stop": this.current?.stop(); return;
      case "again": return this.again(action.turn, action.question);
      case "new": this.show(null); return;
      case "open_session": return this.openSession(action.session);
      case "rename": return this.library.rename(root, action.session, action.title);
      case "forget": return this.forget(action.session);
      case "export": return this.export(action.session);
      case "open": return this.open(action);
      case "pin": case "unpin": case "evict": return this.edit(`memls/${action.type}`, { page: action.page });
      case "block": return this.edit("memls/block", { name: action.name as BlockName, text: action.text });
      case "attach": this.attach(action.attachment, true); return;
      case "detach": this.attach(action.attachment, false); return;
      case "choose_model": return editor.chooseModel();
      case "choose_root": return this.chooseRoot(action.uri);
      case "copy": return editor.copy(action.text);
      case "remedy": return editor.remedy(action.remedy);
      case "open_link": return editor.openLink(action.href);
      case "refresh_memory": return this.memory.refresh();
    }
  }

  // Conversations.

  private show(conversation: Conversation | null): void {
    this.talks.show(conversation);
    this.memory.clear();
  }

  /** The conversation that is shown. There is one after this. */
  private opened(): Conversation {
    const conversation = this.current ?? this.talks.of(sessionName());
    if (conversation !== this.current) {
      this.show(conversation);
    }
    return conversation;
  }

  private async openSession(session: string): Promise<void> {
    const conversation = this.talks.of(session);
    if (conversation !== this.current) {
      this.show(conversation);
    }
    await this.talks.load(conversation);
    if (conversation === this.current) {
      await Promise.all([this.memory.refresh(), this.freshness.shownAnew()]);
    }
  }

  /** What a question changed, once it is over. */
  private async follow(conversation: Conversation, over: Promise<void>): Promise<void> {
    await over;
    if (this.backend.server.state !== "ready") {
      return; // all of it is read again when there is a server
    }
    await this.talks.load(conversation);
    await Promise.all([
      this.library.refresh(this.root),
      conversation === this.current ? this.memory.refresh() : null,
      this.indexing.watch(this.root),
    ]);
  }

  private async again(id: string, edited?: string): Promise<void> {
    const before = this.current;
    const made = await this.talks.again(id, edited);
    if (this.current !== before) {
      this.memory.clear();
    }
    return made ? this.ask(made.question, made.attachments) : undefined;
  }

  private async forget(session: string): Promise<void> {
    this.talks.of(session).stop();
    await this.library.forget(this.root, session);
    this.talks.forget(session);
    if (this.current?.session === session) {
      this.show(null);
    }
  }

  private async export(session: string): Promise<void> {
    const { markdown } = await this.backend.request("memls/export", { root: this.root, session });
    await this.editor.save(`${this.library.title(session) || session}.md`, markdown);
  }

  // Repositories.

  private async chooseRoot(uri: string): Promise<void> {
    this.root = uri;
    this.index = NO_INDEX;
    this.suggestions = [];
    this.attachments = [];
    this.selection = null;
    this.editor.remember("root", uri);
    this.talks.shown = null;
    this.memory.clear();
    this.library.clear();
    this.send({ type: "state", state: this.state });
    if (this.backend.server.state === "ready") {
      await this.reload();
    }
  }

  /** Everything that the server says of the repository: it is new, or the server is. */
  private async reload(): Promise<void> {
    const { root } = this;
    if (!root) {
      this.indexing.stop();
      return;
    }
    const before = this.talks.left();
    const found = await Promise.allSettled([
      this.indexing.watch(root),
      this.library.refresh(root),
      before ? this.openSession(before) : null,
    ]);
    found.forEach((one) => { if (one.status === "rejected") { this.complain(one.reason); } });
  }

  private takeStatus(status: Status): void {
    const wasReady = this.index.state === "ready";
    this.index = status;
    this.slice("index", "model");
    if (status.state === "ready" && (!wasReady || !this.suggestions.length)) {
      void this.suggest(wasReady);
    }
  }

  private async suggest(again: boolean): Promise<void> {
    const { root } = this;
    const found = await this.backend.request("memls/suggestions", { root }).catch(() => null);
    if (found && root === this.root) {
      this.suggestions = found.questions;
      this.slice("suggestions");
    }
    if (!again) {
      await this.library.refresh(root).catch(() => undefined); // what was asked of it before it was open
      this.memory.refreshSoon();
    }
  }

  private changed(changed: Changed): void {
    if (this.index.root !== undefined && changed.root !== this.index.root && changed.root !== this.root) {
      return;
    }
    this.index = { ...this.index, generation: changed.generation };
    this.slice("index");
    this.freshness.changed(changed);
    this.memory.refreshSoon();
  }

  // The rest.

  private async edit(...edit: Edit): Promise<void> {
    await this.readiness.wait();
    const { root, session } = this.opened();
    await this.memory.edit({ root, session }, ...edit);
  }

  private open(place: { path: string; start: number; end: number; aside?: boolean }): Promise<void> {
    const { path, start, end, aside = false } = place;
    return this.editor.open({ base: this.index.root ?? this.root, path, start, end, aside });
  }

  attach(attachment: Attachment, add: boolean): void {
    const others = this.attachments.filter((one) => !sameAttachment(one, attachment));
    this.attachments = add ? [...others, attachment] : others;
    this.slice("attachments");
  }

  private complain(error: unknown): void {
    if (!failed(error, "unknown")) {
      if (!failed(error, "gone") && !failed(error, "cancelled")) {
        this.editor.tell(inWords(error));
      }
    } else if (!this.told) {
      this.told = true;
      this.editor.tell("This memls server is older than the extension and lacks a part of it. Update memls.");
    }
  }

  private slice(...names: (keyof State)[]): void {
    const { state } = this;
    this.send({ type: "slice", slice: Object.fromEntries(names.map((name) => [name, state[name]])) });
  }

  private send(update: Update): void {
    this.panels.forEach((take) => { take(update); });
  }
}
