import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../src/ui/button.tsx";
import type { GuestTerminal, SearchResult } from "../src/ui/terminal/guest-terminal.ts";

interface SearchProps {
  terminal: GuestTerminal;
  /** Grows each time the user asks to search: the field takes the focus. */
  request: number;
  onClose: () => void;
}

export function ConsoleSearch({ terminal, request, onClose }: SearchProps) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [result, setResult] = useState<SearchResult>();
  useEffect(() => {
    const undo = terminal.onSearchResult(setResult);
    return () => {
      undo();
      terminal.endFind();
    };
  }, [terminal]);
  useLayoutEffect(() => field.current?.select(), [request]);

  const find = (direction: "next" | "previous", incremental = false, what = text) => {
    if (what) terminal.find(what, direction, incremental);
    else terminal.endFind();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") find(event.shiftKey ? "previous" : "next");
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
  };
  const status = !text || !result ? "" : result.count === 0 ? "No match" : position(result);
  return (
    <search class="console-search" aria-label="Find in console" onKeyDown={onKeyDown}>
      <input
        ref={field}
        class="input"
        type="text"
        placeholder="Find"
        aria-label="Find in console"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          find("next", true, event.currentTarget.value);
        }}
      />
      <span class="console-search-status subtle" role="status">
        {status}
      </span>
      <Button kind="tool" icon="up" iconOnly label="Previous match" onClick={() => find("previous")} />
      <Button kind="tool" icon="down" iconOnly label="Next match" onClick={() => find("next")} />
      <Button kind="tool" icon="close" iconOnly label="Close find" onClick={onClose} />
    </search>
  );
}

function position({ index, count }: SearchResult): string {
  return index < 0 ? `${count}+` : `${index + 1} of ${count}`;
}
