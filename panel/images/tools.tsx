import { Button } from "../../src/ui/button.tsx";
import { whyKept } from "../../src/ui/images.ts";
import { ToolbarDivider } from "../../src/ui/toolbar.tsx";
import { usePanel, usePanelState, useVms } from "../context.ts";
import { exportImage, newVmFrom } from "../image-actions.ts";
import { useSelectedImage } from "../use-answer.ts";
import { chooseFiles } from "./choose-files.ts";

const NO_IMAGE = "Select an image first.";

/** The toolbar's part for the library. */
export function ImageTools({ offline }: { offline: string | undefined }) {
  const panel = usePanel();
  const vms = useVms((state) => state.vms);
  const filter = usePanelState((state) => state.imageFilter);
  const image = useSelectedImage();
  const why = offline ?? (image ? undefined : NO_IMAGE);
  return (
    <>
      <Button
        kind="tool"
        icon="import"
        label="Import"
        title="Import disk images or CD-ROM images from files"
        disabled={offline}
        onClick={() => chooseFiles(panel)}
      />
      <Button
        kind="tool"
        icon="link"
        label="From URL"
        title="Use an image where it is on a server, or download it"
        disabled={offline}
        onClick={() => panel.state.dispatch({ dialog: { type: "image-from-url" } })}
      />
      <Button
        kind="tool"
        icon="add"
        label="Blank image"
        title="Make an empty disk image"
        disabled={offline}
        onClick={() => panel.state.dispatch({ dialog: { type: "new-image" } })}
      />
      <ToolbarDivider />
      <Button
        kind="tool"
        icon="play"
        iconOnly
        label="New VM from image"
        disabled={why}
        onClick={() => image && newVmFrom(panel, image)}
      />
      <Button
        kind="tool"
        icon="export"
        iconOnly
        label="Export image"
        disabled={why}
        onClick={() => image && void exportImage(panel, image)}
      />
      <Button
        kind="tool"
        icon="delete"
        iconOnly
        label="Delete image"
        disabled={why ?? (image && whyKept(image, vms))}
        onClick={() => image && panel.state.dispatch({ dialog: { type: "delete-image", image } })}
      />
      <ToolbarDivider />
      <input
        class="input toolbar-filter"
        type="search"
        placeholder="Filter"
        aria-label="Filter images"
        value={filter}
        onInput={(event) => panel.state.dispatch({ imageFilter: event.currentTarget.value })}
      />
    </>
  );
}
