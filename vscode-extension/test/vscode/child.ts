/** A process of ours: what it says is kept, and it ends, with all that it started, when we are done with it. */

import { spawn, type ChildProcess } from "node:child_process";

export class Child {
  said = "";
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;

  constructor(command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string) {
    this.process = spawn(command, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.process.stdin?.on("error", () => undefined); // it may be gone by then
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => { this.said += text; });
    }
    this.ended = new Promise((done) => {
      this.process.on("exit", () => { done(); });
      this.process.on("error", (error) => {
        this.said += String(error);
        done();
      });
    });
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null && this.process.pid !== undefined;
  }

  write(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  lines(take: (line: string) => void): void {
    let rest = "";
    this.process.stdout?.on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      parts.forEach(take);
    });
  }

  /** Its group: what it started ends too. Asked first, then not asked. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const pid = this.process.pid;
    if (pid !== undefined && this.running) {
      signalGroup(pid, signal);
      const timer = setTimeout(() => { signalGroup(pid, "SIGKILL"); }, 5000);
      await this.ended;
      clearTimeout(timer);
    }
    if (pid !== undefined) {
      signalGroup(pid, "SIGKILL");
    }
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
