import type { ByteChannel } from "../byte-channel.ts";
import { CommandSession } from "../command-session.ts";
import type { Commands } from "./schema.ts"; // generated: npm run setup

/** Byte that no JSON has: the agent drops what it has of a command, and begins its answer to a sync with it. */
const DELIMITER = 0xff;

/** A session with the guest's agent, qemu-ga (docs/interop/qemu-ga-ref.rst), over a virtio-serial port. */
export class AgentClient extends CommandSession<Commands> {
  constructor(channel: ByteChannel, signal: AbortSignal) {
    super(channel, signal, () => {});
  }

  /**
   * Makes sure that it is there and that answers are answers to us: what it says to sessions of before is skipped. Throws
   * `command-timeout` after `timeout` milliseconds.
   */
  async sync(timeout: number): Promise<void> {
    const id = Math.floor(Math.random() * 2 ** 31);
    this.send(Uint8Array.of(DELIMITER)).catch(() => undefined); // it waits for a reader, and what fails is told below
    await this.execute("guest-sync-delimited", { id }, { timeout });
  }
}
