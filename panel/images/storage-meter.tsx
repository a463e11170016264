import type { StorageUsage } from "../../src/engine/api.ts";
import { formatBytes } from "../../src/ui/format.ts";
import { useAnswer } from "../use-answer.ts";

/** Above this part of the quota it is time to free some. */
const NEARLY_FULL = 0.9;

/** What the extension takes of the storage that the browser lets it have, and for what. */
export function StorageMeter() {
  const { value: usage } = useAnswer((engine) => engine.storageUsage());
  if (!usage) return null;
  const parts = partsOf(usage);
  const { used, quota } = usage;
  const full = used > quota * NEARLY_FULL;
  const whole = `${formatBytes(used)} of ${formatBytes(quota)} used`;
  return (
    <section class="storage" aria-label="Storage">
      {/* biome-ignore lint/a11y/useSemanticElements: a meter element has one colour */}
      <span
        class="storage-meter"
        role="meter"
        aria-label="Storage"
        aria-valuemin={0}
        aria-valuemax={quota}
        aria-valuenow={used}
        aria-valuetext={whole}
      >
        {parts.map((part) => (
          <span key={part.id} class={`storage-part storage-${part.id}`} style={{ flexGrow: part.bytes }} />
        ))}
        <span class="storage-part" style={{ flexGrow: Math.max(0, quota - used) }} />
      </span>
      <span class={full ? "tone-warning" : undefined}>
        {whole}
        {full && ". Delete images or discard changes to free some."}
      </span>
      <span class="storage-parts subtle">
        {parts.map((part) => (
          <span key={part.id} class="storage-label">
            <span class={`storage-key storage-${part.id}`} />
            {`${part.label} ${formatBytes(part.bytes)}`}
          </span>
        ))}
      </span>
    </section>
  );
}

function partsOf({ images, overlays, files, used }: StorageUsage) {
  const sum = (all: readonly { bytes: number }[]) => all.reduce((total, { bytes }) => total + bytes, 0);
  const known = [
    { id: "images", label: "Images", bytes: sum(images) },
    { id: "changes", label: "Changes on disks", bytes: sum(overlays) },
    { id: "files", label: "Files of VMs", bytes: sum(files) },
  ];
  const rest = { id: "rest", label: "Other", bytes: used - sum(known) };
  return [...known, rest].filter((part) => part.bytes > 0);
}
