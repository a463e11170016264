import "./images.css";
import { useState } from "preact/hooks";
import type { ImageInfo, VmInfo } from "../../src/engine/api.ts";
import { Button } from "../../src/ui/button.tsx";
import { EmptyState } from "../../src/ui/empty-state.tsx";
import { filesOf, takesFiles } from "../../src/ui/file-drop.ts";
import { formatBytes, formatMoment, formatShortMoment } from "../../src/ui/format.ts";
import { Grid, type GridColumn } from "../../src/ui/grid.tsx";
import { describeSource, filterImages, usersOf } from "../../src/ui/images.ts";
import { usePanel, usePanelState, useVms } from "../context.ts";
import { importFiles, newVmFrom, selectImage } from "../image-actions.ts";
import { useImages } from "../use-answer.ts";
import { chooseFiles } from "./choose-files.ts";
import { ImageMenu } from "./menu.tsx";
import { StorageMeter } from "./storage-meter.tsx";

const COLUMNS: readonly GridColumn[] = [
  { id: "name", label: "Name" },
  { id: "format", label: "Format" },
  { id: "size", label: "Size", number: true },
  { id: "stored", label: "Stored", number: true },
  { id: "source", label: "Source" },
  { id: "users", label: "Used by" },
  { id: "created", label: "Created" },
];

/** The library: Enter makes a VM of an image, F2 renames it, Delete asks, dropped files are imported. */
export function ImagesView() {
  const panel = usePanel();
  const { value: images, problem } = useImages();
  return (
    <section
      class="images"
      aria-label="Images"
      onDragOver={takesFiles}
      onDrop={(event) => void importFiles(panel, filesOf(event))}
    >
      {images ? (
        <Library images={images} />
      ) : problem ? (
        <EmptyState heading="The images can't be read" text={`${problem.message} ${problem.hint}`} />
      ) : (
        <EmptyState heading="Connecting" text="The engine is being asked for its images." busy />
      )}
      {images && <StorageMeter />}
    </section>
  );
}

function Library({ images }: { images: readonly ImageInfo[] }) {
  const panel = usePanel();
  const vms = useVms((state) => state.vms);
  const filter = usePanelState((state) => state.imageFilter);
  const selected = usePanelState((state) => state.image);
  const [menu, setMenu] = useState<{ id: string; x: number; y: number }>();
  if (images.length === 0) {
    return (
      <EmptyState
        heading="No images yet"
        text="Import a disk or CD-ROM image, or drop its file here. What VMs write is kept beside it: an image never changes."
      >
        <Button kind="primary" label="Import" icon="import" onClick={() => chooseFiles(panel)} />
      </EmptyState>
    );
  }
  const byId = (id: string) => images.find((image) => image.id === id);
  const withImage = (id: string, act: (image: ImageInfo) => void) => {
    const image = byId(id);
    if (image) act(image);
  };
  const shown = filterImages(images, filter);
  const menuImage = menu && byId(menu.id);
  return (
    <div class="images-list">
      <Grid
        label="Images"
        kind="image"
        columns={COLUMNS}
        rows={shown.map((image) => ({ id: image.id, cells: cellsOf(image, vms) }))}
        selected={selected}
        onSelect={(id) => selectImage(panel, id)}
        onOpen={(id) => withImage(id, (image) => newVmFrom(panel, image))}
        onDelete={(id) => withImage(id, (image) => panel.state.dispatch({ dialog: { type: "delete-image", image } }))}
        onRename={(id) => withImage(id, (image) => panel.state.dispatch({ dialog: { type: "rename-image", image } }))}
        onMenu={(id, at) => setMenu({ id, ...at })}
      />
      {shown.length === 0 && (
        <EmptyState heading="No match" text={`No image has “${filter.trim()}” in its name, format or source.`}>
          <Button label="Clear filter" onClick={() => panel.state.dispatch({ imageFilter: "" })} />
        </EmptyState>
      )}
      {menu && menuImage && <ImageMenu image={menuImage} at={menu} onClose={() => setMenu(undefined)} />}
    </div>
  );
}

function cellsOf(image: ImageInfo, vms: readonly VmInfo[]) {
  const users = usersOf(image, vms)
    .map((user) => user.name)
    .join(", ");
  return [
    <span title={image.name}>{image.name}</span>,
    image.format,
    formatBytes(image.virtualSize),
    formatBytes(image.storedBytes),
    <span title={typeof image.source === "object" ? image.source.url : undefined}>{describeSource(image)}</span>,
    users ? <span title={users}>{users}</span> : <span class="subtle">No VM</span>,
    <time title={formatMoment(image.created)}>{formatShortMoment(image.created)}</time>,
  ];
}
