import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../src/ui/button.tsx";
import type { GuestScreen } from "../src/ui/display/guest-screen.ts";
import { COMBINATIONS } from "../src/ui/display/key-combinations.ts";
import { Recorder, screenshot } from "../src/ui/display/recorder.ts";
import { Menu } from "../src/ui/menu.tsx";
import { useStore } from "../src/ui/store.ts";
import { showInfo } from "../src/ui/toasts.ts";
import { Toolbar, ToolbarDivider, ToolbarSpacer } from "../src/ui/toolbar.tsx";
import { setSound } from "./actions.ts";
import { usePanel } from "./context.ts";
import type { TabProps } from "./details.tsx";
import { TypeTextDialog } from "./type-text-dialog.tsx";

interface ToolProps extends TabProps {
  screen: GuestScreen;
}

const NO_PICTURE = "The VM shows no picture now.";

export function DisplayTools({ vm, screen }: ToolProps) {
  const panel = usePanel();
  const size = useStore(screen.session.status, (state) => state.size);
  const scale = useStore(screen.status, (state) => state.scale);
  const off = size ? undefined : NO_PICTURE;
  return (
    <Toolbar label="Display">
      <KeyTools screen={screen} off={off} />
      <ToolbarDivider />
      <Button
        kind="tool"
        icon="exact"
        iconOnly
        label="Original size"
        title="One pixel of the guest's is one of your screen's"
        pressed={scale === "exact"}
        onClick={() => screen.status.dispatch({ scale: scale === "exact" ? "fit" : "exact" })}
      />
      <Button
        kind="tool"
        icon="full-screen"
        iconOnly
        label="Full screen"
        disabled={document.fullscreenEnabled ? off : "DevTools' panels can't fill the screen: open the VM in a tab."}
        onClick={() => {
          screen.fullScreen().catch(() => showInfo(panel.toasts, "The browser refused to fill the screen."));
        }}
      />
      <ToolbarDivider />
      <Button
        kind="tool"
        icon="camera"
        iconOnly
        label="Screenshot"
        title="Save the screen as a PNG"
        disabled={off}
        onClick={() => void screenshot(screen.canvas, vm.profile.name)}
      />
      <RecordTool vm={vm} screen={screen} />
      <SoundTool vm={vm} />
      <ToolbarSpacer />
      <TypingProgress screen={screen} />
      {size && <span class="subtle display-size">{`${size.width} × ${size.height}`}</span>}
      <CaptureChip screen={screen} />
    </Toolbar>
  );
}

function KeyTools({ screen, off }: { screen: GuestScreen; off: string | undefined }) {
  const tool = useRef<HTMLSpanElement>(null);
  const [menu, setMenu] = useState<{ x: number; y: number }>();
  const [typing, setTyping] = useState(false);
  const open = () => {
    const box = tool.current?.getBoundingClientRect();
    setMenu({ x: box?.left ?? 0, y: box?.bottom ?? 0 });
  };
  const items = COMBINATIONS.map(({ label, stroke }) => ({
    label,
    onSelect: () => {
      void screen.typist.type([stroke]);
      screen.focus();
    },
  }));
  return (
    <>
      <span ref={tool} class="display-tool">
        <Button
          kind="tool"
          icon="keyboard"
          label="Send key"
          title="Keys that the browser keeps for itself"
          disabled={off}
          expanded={menu !== undefined}
          onClick={open}
        />
      </span>
      <Button
        kind="tool"
        icon="paste"
        iconOnly
        label="Type text"
        title="Type text as keys, for guests that share no clipboard"
        disabled={off}
        onClick={() => setTyping(true)}
      />
      {menu && <Menu label="Send key" at={menu} items={items} onClose={() => setMenu(undefined)} />}
      {typing && <TypeTextDialog typist={screen.typist} onClose={() => setTyping(false)} />}
    </>
  );
}

/** The guest is not heard until the user wants it to be. */
function SoundTool({ vm }: TabProps) {
  const panel = usePanel();
  if (vm.sound === undefined) return null;
  return (
    <Button
      kind="tool"
      icon={vm.sound ? "sound" : "muted"}
      iconOnly
      label="Sound"
      title={vm.sound ? "Don't play the guest's sound" : "Play the guest's sound"}
      pressed={vm.sound}
      onClick={() => void setSound(panel, vm)}
    />
  );
}

function RecordTool({ vm, screen }: ToolProps) {
  const recorder = useRef<Recorder | undefined>(undefined);
  const [recording, setRecording] = useState(false);
  const shown = useStore(screen.session.status, (state) => state.size !== undefined);
  const stop = () => {
    recorder.current?.stop();
    recorder.current = undefined;
    setRecording(false);
  };
  useEffect(() => stop, [screen]);
  return (
    <Button
      kind="tool"
      icon={recording ? "recording" : "record"}
      iconOnly
      label={recording ? "Stop recording" : "Record"}
      title={recording ? "Stop, and save the film as WebM" : "Film the screen"}
      pressed={recording}
      disabled={shown || recording ? undefined : NO_PICTURE}
      onClick={() => {
        if (recording) return stop();
        recorder.current = new Recorder(screen.canvas, vm.profile.name);
        setRecording(true);
      }}
    />
  );
}

function TypingProgress({ screen }: { screen: GuestScreen }) {
  const { done, total } = useStore(screen.typist.progress, (state) => state);
  if (total < 20) return null;
  return (
    <span class="display-progress">
      <progress max={total} value={done} aria-label="Typing" />
      <Button kind="tool" icon="close" iconOnly label="Stop typing" onClick={() => screen.typist.cancel()} />
    </span>
  );
}

/** How to leave the guest, while it has the keyboard. */
function CaptureChip({ screen }: { screen: GuestScreen }) {
  const captured = useStore(screen.status, (state) => state.captured);
  const locked = useStore(screen.status, (state) => state.locked);
  const absolute = useStore(screen.session.status, (state) => state.absolute);
  const shown = useStore(screen.session.status, (state) => state.size !== undefined);
  if (!shown) return null;
  if (!captured) return <span class="subtle display-hint">Click the screen to type</span>;
  return (
    <span class="display-chip" title="Press and let go of Ctrl and Alt together">
      {locked || absolute ? "Ctrl+Alt leaves the guest" : "Click again for the pointer; Ctrl+Alt leaves"}
    </span>
  );
}
