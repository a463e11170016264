/** The name of a file that the user saves: what not every system allows in one becomes `-`. */
export function fileName(name: string): string {
  return name.replaceAll(/[\\/:*?"<>|]/g, "-");
}
