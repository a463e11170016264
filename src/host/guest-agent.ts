import { AgentClient } from "../qemu/agent/client.ts";
import type { ByteChannel } from "../qemu/byte-channel.ts";
import { CommandError } from "../qemu/command-session.ts";

/** Milliseconds for the agent to answer; a guest that is busy must not keep the user from its power button for long. */
const PATIENCE = 2000;

/** Milliseconds for what nobody waits for. */
const UNHURRIED = 60_000;

/** The agent of a run's guest, which may come and go. */
export class GuestAgent {
  readonly #client: AgentClient;
  /** Somebody in the guest has opened the port; what is written to a closed one would wait there for the next. */
  open = false;

  constructor(channel: ByteChannel, signal: AbortSignal) {
    this.#client = new AgentClient(channel, signal);
  }

  /** Sets the guest's clock by its RTC, which QEMU keeps at the real time. Throws when the agent is silent, or refuses. */
  async setTime(): Promise<void> {
    await this.#client.sync(UNHURRIED);
    await this.#client.execute("guest-set-time", {}, { timeout: UNHURRIED });
  }

  /** False when there is no agent. Throws when it is silent, or refuses. */
  async shutdown(): Promise<boolean> {
    if (!this.open) return false;
    await this.#client.sync(PATIENCE);
    try {
      await this.#client.execute("guest-shutdown", { mode: "powerdown" }, { timeout: PATIENCE });
    } catch (thrown) {
      if (thrown instanceof CommandError) throw thrown; // all else is its silence: it answers refusals only
    }
    return true;
  }
}
