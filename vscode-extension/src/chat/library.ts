/** The conversations that the server keeps of a repository. */

import type { SessionInfo } from "../protocol";
import type { Backend } from "./backend";
import { failed } from "./backend";

export class Library {
  sessions: SessionInfo[] = [];
  private latest = 0;

  constructor(
    private readonly backend: Backend,
    private readonly take: (sessions: SessionInfo[]) => void,
  ) {}

  clear(): void {
    this.set([], ++this.latest);
  }

  title(session: string): string {
    const title = this.sessions.find((one) => one.name === session)?.title ?? "";
    return title === session ? "" : title;
  }

  async refresh(root: string): Promise<void> {
    const number = ++this.latest;
    this.set(await this.find(root, ""), number);
  }

  async find(root: string, query: string): Promise<SessionInfo[]> {
    try {
      return (await this.backend.request("memls/sessions", query ? { root, query } : { root })).sessions;
    } catch (error) {
      if (failed(error, "unknown")) {
        return this.older(root, query);
      }
      throw error;
    }
  }

  async rename(root: string, session: string, title: string): Promise<void> {
    const number = ++this.latest;
    this.set((await this.backend.request("memls/rename", { root, session, title })).sessions, number);
  }

  async forget(root: string, session: string): Promise<void> {
    const number = ++this.latest;
    this.set((await this.backend.request("memls/forget", { root, session })).sessions, number);
  }

  /** Servers before `memls/sessions` list names only. */
  private async older(root: string, query: string): Promise<SessionInfo[]> {
    const listed = await this.backend.request("memls/memory", { root, action: "list" });
    const rows = Array.isArray(listed["sessions"]) ? (listed["sessions"] as (Omit<SessionInfo, "title"> & { title?: string })[]) : [];
    const words = query.toLowerCase();
    return rows.map((row) => ({ ...row, title: row.title ?? row.name })).filter((row) => row.name.includes(words));
  }

  private set(sessions: SessionInfo[], number: number): void {
    if (number === this.latest) {
      this.sessions = sessions;
      this.take(sessions);
    }
  }
}
