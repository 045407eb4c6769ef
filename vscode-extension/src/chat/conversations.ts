/** The conversations that are open, of all repositories, and the one that is shown. */

import type { AskEvent, Attachment } from "../protocol";
import type { TurnView } from "./contract";
import type { World } from "./conversation";
import { Conversation } from "./conversation";
import { sessionName } from "./names";

type Part = "session" | "title" | "turns";

export class Conversations {
  shown: Conversation | null = null;
  private readonly open = new Map<string, Conversation>();

  constructor(
    private readonly world: World,
    private readonly root: () => string,
    /** These parts of the state are new. */
    private readonly changed: (...parts: Part[]) => void,
  ) {}

  /** The conversation of that name, which may be new. */
  of(session: string): Conversation {
    const key = `${this.root()} ${session}`;
    const found = this.open.get(key) ?? new Conversation(this.world, this.root(), session);
    this.open.set(key, found);
    return found;
  }

  show(conversation: Conversation | null): void {
    this.shown = conversation;
    this.world.editor.remember(`session ${this.root()}`, conversation?.session ?? "");
    this.changed("session", "title", "turns");
  }

  /** The one that was left open in an earlier run, where none is shown now. */
  left(): string {
    return this.shown?.session ?? this.world.editor.recall(`session ${this.root()}`);
  }

  hear(event: AskEvent): Conversation | undefined {
    return [...this.open.values()].find((one) => one.take(event));
  }

  forget(session: string): void {
    this.open.delete(`${this.root()} ${session}`);
  }

  stop(): void {
    this.open.forEach((one) => { one.stop(); });
  }

  /** What the server kept of it. */
  async load(conversation: Conversation): Promise<void> {
    const before = conversation.turns;
    await conversation.load();
    if (conversation === this.shown) {
      this.changed(...(this.sameTurns(before, conversation) ? ([] as const) : (["turns"] as const)), "title");
    }
  }

  /**
   * Makes room for a question that is asked again: the conversation without that turn and what followed it. The old
   * one stays as it is, but where the server has nothing of the question, or nothing but its failure.
   */
  async again(id: string, edited?: string): Promise<{ question: string; attachments: Attachment[] } | null> {
    const conversation = this.shown;
    if (conversation?.running) {
      conversation.stop();
      await conversation.settled();
      await this.load(conversation);
    }
    const turn = conversation?.find(id);
    if (!conversation || !turn) {
      return null;
    }
    const question = edited ?? turn.question;
    const at = conversation.turns.indexOf(turn);
    const isLast = at === conversation.turns.length - 1;
    if (isLast && !turn.result && (!turn.number || (turn.state === "failed" && question === turn.question))) {
      conversation.drop(id);
      this.changed("turns");
    } else {
      this.show(at ? await this.fork(conversation, turn) : this.of(sessionName()));
    }
    return { question, attachments: turn.attachments };
  }

  private async fork(conversation: Conversation, turn: TurnView): Promise<Conversation> {
    const { root, session } = conversation;
    const forked = await this.world.backend.request("memls/fork", { root, session, turn: turn.number });
    const made = this.of(forked.session);
    made.turns = conversation.turns.slice(0, conversation.turns.indexOf(turn));
    made.title = conversation.title;
    return made;
  }

  /** Tells of those that changed alone, where all are the same turns: the panel redraws no more than it has to. */
  private sameTurns(before: readonly TurnView[], { session, turns }: Conversation): boolean {
    const same = before.length === turns.length && before.every((turn, at) => turn.id === turns[at]?.id);
    const differ = same ? turns.filter((turn, at) => JSON.stringify(turn) !== JSON.stringify(before[at])) : [];
    differ.forEach((turn) => { this.world.send({ type: "turn", session, turn }); });
    return same;
  }
}
