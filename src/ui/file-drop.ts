/** For `dragover`: says that files may be dropped here. */
export function takesFiles(event: DragEvent): void {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
}

/** For `drop`: the files, if that is what was dropped. */
export function filesOf(event: DragEvent): File[] {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length > 0) event.preventDefault();
  return files;
}
