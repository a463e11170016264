import "@xterm/xterm/css/xterm.css";
import "./terminal.css";
import { FitAddon } from "@xterm/addon-fit";
import { type ISearchOptions, SearchAddon } from "@xterm/addon-search";
import { Terminal } from "@xterm/xterm";
import { settings } from "../settings.ts";
import { onThemeChange, roleColour } from "../theme.ts";
import { ReleaseChord, type TerminalCommand, terminalCommand } from "./keys.ts";
import { hexColour, terminalPalette } from "./palette.ts";

export const SCROLL_BACK_LINES = 10_000;

export interface TerminalListener {
  /** Text typed or pasted, or what the terminal answers to the guest. */
  onData(data: string): void;
  /** Bytes that are no text: some mouse reports. */
  onBinary(bytes: Uint8Array): void;
}

/** What the view that shows the terminal does. */
export interface TerminalView {
  onCommand(command: TerminalCommand): void;
  /** The user pressed the chord that leaves the guest. */
  onRelease(): void;
}

export interface SearchResult {
  /** From 0; -1 when none is current. */
  index: number;
  count: number;
}

/** One xterm.js terminal with its add-ons. It lives apart from the page's tree: views attach and detach it. */
export class GuestTerminal {
  readonly #host = document.createElement("div");
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #undo: (() => void)[] = [];
  #view: TerminalView | undefined;

  constructor(listener: TerminalListener) {
    this.#host.className = "terminal-host";
    this.#terminal = new Terminal({
      allowProposedApi: true, // the search add-on's decorations
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
      fontSize: settings.get().fontSize,
      minimumContrastRatio: 4.5,
      screenReaderMode: settings.get().screenReader,
      scrollback: SCROLL_BACK_LINES,
      theme: terminalPalette(),
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(this.#search);
    this.#terminal.onData((data) => listener.onData(data));
    this.#terminal.onBinary((data) => listener.onBinary(Uint8Array.from(data, (c) => c.charCodeAt(0))));
    this.#guardKeys();
    this.#undo.push(
      onThemeChange(() => {
        this.#terminal.options.theme = terminalPalette();
      }),
      settings.subscribe(() => {
        const { fontSize, screenReader } = settings.get();
        this.#terminal.options.fontSize = fontSize;
        this.#terminal.options.screenReaderMode = screenReader;
        this.#refit();
      }),
    );
  }

  /** Hands bytes to the parser; `done` runs when they are parsed. */
  readonly write = (bytes: Uint8Array, done: () => void): void => this.#terminal.write(bytes, done);

  /** Shows the terminal in `container` until the returned function is called. */
  attach(container: HTMLElement, view: TerminalView): () => void {
    container.append(this.#host);
    if (!this.#terminal.element) this.#terminal.open(this.#host);
    this.#view = view;
    const observer = new ResizeObserver(() => this.#refit());
    observer.observe(container);
    this.#refit();
    return () => {
      observer.disconnect();
      if (this.#view === view) this.#view = undefined;
      if (this.#host.parentElement === container) this.#host.remove();
    };
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** As the clipboard's text: line ends become Enter, and bracketed where the guest asked for it. */
  paste(text: string): void {
    this.#terminal.paste(text);
    this.#terminal.focus();
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  /** Back to a new terminal: no text, no scroll-back, no modes. */
  reset(): void {
    this.#terminal.reset();
  }

  find(text: string, direction: "next" | "previous", incremental = false): void {
    const options: ISearchOptions = {
      incremental,
      decorations: {
        matchBackground: hexColour(roleColour("match")),
        matchOverviewRuler: hexColour(roleColour("match")),
        activeMatchBackground: hexColour(roleColour("match-active")),
        activeMatchColorOverviewRuler: hexColour(roleColour("match-active")),
      },
    };
    if (direction === "next") this.#search.findNext(text, options);
    else this.#search.findPrevious(text, options);
  }

  endFind(): void {
    this.#search.clearDecorations();
  }

  onSearchResult(listener: (result: SearchResult) => void): () => void {
    const added = this.#search.onDidChangeResults(({ resultIndex, resultCount }) => {
      listener({ index: resultIndex, count: resultCount });
    });
    return () => added.dispose();
  }

  /** All text with its scroll-back, wrapped lines joined, as a script or a test reads it. */
  text(): string {
    const { active } = this.#terminal.buffer;
    let text = "";
    for (let y = 0; y < active.length; y++) {
      const line = active.getLine(y);
      const next = active.getLine(y + 1);
      if (line) text += line.translateToString(!next?.isWrapped);
      if (!next?.isWrapped) text += "\n";
    }
    return text.replace(/\n+$/, ""); // the spaces after a prompt stay
  }

  dispose(): void {
    for (const undo of this.#undo) undo();
    this.#host.remove();
    this.#terminal.dispose();
  }

  #refit(): void {
    const { clientWidth, clientHeight } = this.#host;
    if (clientWidth > 0 && clientHeight > 0) this.#fit.fit(); // else hidden: its size says nothing
  }

  /**
   * A focused terminal keeps its keys: what bubbles out of a panel is DevTools' (Escape toggles its drawer, Ctrl+Shift+P
   * its command menu). A paste is taken before the hidden textarea would hold a megabyte of text.
   */
  #guardKeys(): void {
    const chord = new ReleaseChord();
    this.#terminal.attachCustomKeyEventHandler((event) => {
      if (chord.feed(event)) this.#view?.onRelease();
      const command = terminalCommand(event, this.#terminal.buffer.active.type === "alternate");
      if (!command) return true;
      if (command !== "paste") event.preventDefault(); // paste is the browser's own action on this key
      this.#view?.onCommand(command);
      return false;
    });
    for (const type of ["keydown", "keyup", "keypress"] as const) {
      this.#host.addEventListener(type, (event) => event.stopPropagation());
    }
    this.#host.addEventListener(
      "paste",
      (event) => {
        event.preventDefault();
        event.stopPropagation();
        this.paste(event.clipboardData?.getData("text/plain") ?? "");
      },
      { capture: true },
    );
  }
}
