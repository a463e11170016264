import type { ImageInfo } from "../../src/engine/api.ts";
import { usersOf, whyKept } from "../../src/ui/images.ts";
import { Menu, type MenuItem } from "../../src/ui/menu.tsx";
import { usePanel, useVms } from "../context.ts";
import { exportImage, newVmFrom } from "../image-actions.ts";

/** The context menu of a row: it acts on that row's image. */
export function ImageMenu({
  image,
  at,
  onClose,
}: {
  image: ImageInfo;
  at: { x: number; y: number };
  onClose: () => void;
}) {
  const panel = usePanel();
  const vms = useVms((state) => state.vms);
  const users = usersOf(image, vms);
  const items: MenuItem[] = [
    { label: "New VM from image", icon: "play", onSelect: () => newVmFrom(panel, image) },
    { label: "Export", icon: "export", onSelect: () => void exportImage(panel, image) },
    {
      label: "Rename",
      icon: "rename",
      onSelect: () => panel.state.dispatch({ dialog: { type: "rename-image", image } }),
    },
    ...users.map(
      (user): MenuItem => ({
        label: `Show disks of ${user.name}`,
        icon: "disk",
        onSelect: () => panel.state.dispatch({ view: "vms", selected: user.vm, tab: "disks" }),
      }),
    ),
    {
      label: "Delete",
      icon: "delete",
      disabled: whyKept(image, vms),
      onSelect: () => panel.state.dispatch({ dialog: { type: "delete-image", image } }),
    },
  ];
  return <Menu label={image.name} at={at} items={items} onClose={onClose} />;
}
