import { type ErrorData, toErrorData } from "../../core/errors.ts";
import type { Console } from "../../engine/api.ts";
import { createStore } from "../store.ts";
import { GuestTerminal } from "./guest-terminal.ts";
import { InputQueue } from "./input-queue.ts";
import { pumpOutput } from "./output-pump.ts";
import { Replay } from "./replay.ts";

export interface SessionStatus {
  link: "connecting" | "open" | "lost";
  /** Why it is lost; it opens again by itself. */
  problem?: ErrorData;
  /** Bytes typed or pasted that the guest has not taken yet, of how many. */
  pending: number;
  total: number;
}

/** Milliseconds before an ended or refused console is asked for again, unless `retry` comes first. */
const PAUSE = 1000;
const LONGEST_PAUSE = 15_000;
const encoder = new TextEncoder();

/**
 * A console of a VM and its terminal, for as long as the page lives. The engine's streams span restarts of the VM; should
 * they end all the same, it opens new ones, whose scroll-back replaces what the terminal showed.
 */
export class ConsoleSession {
  readonly terminal: GuestTerminal;
  readonly status = createStore((state: SessionStatus, change: Partial<SessionStatus>) => ({ ...state, ...change }), {
    link: "connecting",
    pending: 0,
    total: 0,
  });
  readonly #input = new InputQueue(() => {
    this.status.dispatch({ pending: this.#input.pending, total: this.#input.total });
  });
  readonly #disposed = new AbortController();
  #connection = new AbortController();
  #replay = new Replay();
  #wake: (() => void) | undefined;

  /**
   * @param open asks the engine for the console's streams
   * @param listens whether the guest is there to take what is typed; else it is dropped
   */
  constructor(
    private readonly open: () => Promise<Console>,
    private readonly listens: () => boolean,
  ) {
    const push = (bytes: Uint8Array) => {
      if (this.listens()) this.#input.push(bytes);
    };
    this.terminal = new GuestTerminal({
      onData: (data) => {
        if (!this.#replay.drops(data)) push(encoder.encode(data));
      },
      onBinary: push,
    });
    void this.#run();
  }

  /** Drops what the guest has not taken yet. */
  cancelInput(): void {
    this.#input.clear();
  }

  /** Opens the console now if it is lost. */
  retry(): void {
    this.#wake?.();
  }

  /** Lets go of the streams and opens new ones: the engine behind them is gone. */
  reopen(): void {
    this.#connection.abort();
    this.retry();
  }

  dispose(): void {
    this.#disposed.abort();
    this.#connection.abort();
    this.#wake?.();
    this.terminal.dispose();
  }

  async #run(): Promise<void> {
    const { signal } = this.#disposed;
    let pause = PAUSE;
    for (let first = true; !signal.aborted; first = false) {
      this.#connection = new AbortController();
      try {
        this.status.dispatch({ link: "connecting" });
        await this.#connect(this.#connection.signal, first);
        pause = PAUSE;
        this.status.dispatch({ link: "lost" });
      } catch (thrown) {
        this.status.dispatch({ link: "lost", problem: toErrorData(thrown) });
      } finally {
        this.#connection.abort();
      }
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, pause);
      });
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  async #connect(signal: AbortSignal, first: boolean): Promise<void> {
    const { output, input } = await this.open();
    if (signal.aborted) {
      await Promise.allSettled([output.cancel(), input.abort()]);
      return;
    }
    if (!first) this.terminal.reset();
    this.#replay = new Replay();
    this.status.dispatch({ link: "open" });
    const write = (bytes: Uint8Array, done: () => void) => {
      this.#replay.note(bytes.length);
      this.terminal.write(bytes, done);
    };
    const hidden = () => document.visibilityState === "hidden";
    await Promise.race([pumpOutput(output, write, { signal, hidden }), this.#input.drain(input, signal)]);
  }
}
