// biome-ignore-all lint/a11y/useSemanticElements: a grid of selectable rows is no table
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on rows, never on their cells
import "./grid.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface GridColumn {
  /** Its cells have the class `<kind>-<id>`. */
  id: string;
  label: string;
  /** Numbers stand at the end of their cells. */
  number?: boolean;
}

export interface GridRow {
  id: string;
  /** One for each column. */
  cells: readonly ComponentChildren[];
  title?: string | undefined;
  data?: Record<`data-${string}`, string>;
}

export interface GridProps {
  label: string;
  /** What the rows are: prefix of the cells' classes, which give the columns their widths. */
  kind: string;
  columns: readonly GridColumn[];
  rows: readonly GridRow[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  /** Enter, or a double click. */
  onOpen: (id: string) => void;
  /** The Delete key. */
  onDelete: (id: string) => void;
  /** The F2 key. */
  onRename?: (id: string) => void;
  /** A right click, or the keyboard's menu key. */
  onMenu: (id: string, at: { x: number; y: number }) => void;
}

/** Rows of which one is selected: one Tab stop, arrows, Home and End move and select. */
export function Grid(props: GridProps) {
  const { label, kind, columns, rows, selected, onSelect, onMenu } = props;
  const grid = useRef<HTMLDivElement>(null);
  const current = useRef(selected);
  current.current = selected;
  const select = (id: string) => {
    current.current = id; // keys may come faster than renders
    onSelect(id);
  };
  const goTo = (row: GridRow | undefined) => {
    if (!row) return;
    select(row.id);
    rowOf(grid.current, row.id)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = rows.findIndex((row) => row.id === current.current);
    const last = rows.length - 1;
    const row = rows[at];
    const to = {
      ArrowDown: Math.min(last, at + 1),
      ArrowUp: Math.max(0, at - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) goTo(rows[to]);
    else if (event.key === "Enter" && row) props.onOpen(row.id);
    else if (event.key === "Delete" && row) props.onDelete(row.id);
    else if (event.key === "F2" && row && props.onRename) props.onRename(row.id);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    if (selected !== undefined) rowOf(grid.current, selected)?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  const cellClass = (column: GridColumn | undefined) =>
    `grid-cell ${kind}-${column?.id}${column?.number ? " grid-number" : ""}`;
  const tabStop = rows.some((row) => row.id === selected) ? selected : rows[0]?.id;
  return (
    <div class="grid" role="grid" aria-label={label} aria-rowcount={rows.length + 1} ref={grid}>
      <div class="grid-row grid-header" role="row" aria-rowindex={1}>
        {columns.map((column) => (
          <span key={column.id} role="columnheader" class={cellClass(column)}>
            {column.label}
          </span>
        ))}
      </div>
      {rows.map((row, index) => (
        <div
          key={row.id}
          class="grid-row"
          role="row"
          data-row={row.id}
          {...row.data}
          aria-rowindex={index + 2}
          aria-selected={row.id === selected}
          tabIndex={row.id === tabStop ? 0 : -1}
          title={row.title}
          onClick={() => select(row.id)}
          onFocus={() => select(row.id)}
          onDblClick={() => props.onOpen(row.id)}
          onContextMenu={(event) => {
            event.preventDefault();
            goTo(row);
            onMenu(row.id, menuPoint(event));
          }}
          onKeyDown={onKeyDown}
        >
          {row.cells.map((cell, at) => (
            <span key={columns[at]?.id} role="gridcell" class={cellClass(columns[at])}>
              {cell}
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}

/** The row with this id, for giving it the focus. */
export function rowOf(within: ParentNode | null, id: string): HTMLElement | null {
  return within?.querySelector<HTMLElement>(`[role="row"][data-row="${CSS.escape(id)}"]`) ?? null;
}

/** Where the pointer is, or below the row when the keyboard asked. */
function menuPoint(event: MouseEvent): { x: number; y: number } {
  const row = event.currentTarget;
  const fromKeyboard = event.clientX === 0 && event.clientY === 0;
  if (!fromKeyboard || !(row instanceof HTMLElement)) return { x: event.clientX, y: event.clientY };
  const box = row.getBoundingClientRect();
  return { x: box.left + 24, y: box.bottom };
}
