import "./work-list.css";
import { useEffect } from "preact/hooks";
import { Button } from "./button.tsx";
import { formatProgress } from "./format.ts";
import { useStore } from "./store.ts";
import type { Work, Works } from "./works.ts";

/** Long work as it goes on, at the foot of the page: how far, how fast, and a way out. */
export function WorkList({ works }: { works: Works }) {
  const shown = useStore(works.store, (state) => state);
  const some = shown.length > 0;
  useEffect(() => {
    if (!some) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault(); // it ends with the page
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [some]);
  if (!some) return null;
  return (
    <ul class="works" aria-label="Work in progress">
      {shown.map((work) => (
        <WorkRow key={work.id} work={work} onCancel={() => works.cancel(work.id)} />
      ))}
    </ul>
  );
}

function WorkRow({ work, onCancel }: { work: Work; onCancel: () => void }) {
  const { title, done, total, cancelling } = work;
  const known = total !== undefined && total > 0;
  const text = cancelling ? "Cancelling" : formatProgress(work);
  return (
    <li class="work">
      <span class="work-title" title={title}>
        {title}
      </span>
      <progress
        class="work-bar"
        aria-label={title}
        aria-valuetext={text}
        {...(known ? { max: total, value: done } : {})}
      />
      <span class="work-text subtle">{text}</span>
      <Button
        kind="tool"
        icon="close"
        iconOnly
        label={`Cancel: ${title}`}
        disabled={cancelling ? "It is being cancelled." : undefined}
        onClick={onCancel}
      />
    </li>
  );
}
