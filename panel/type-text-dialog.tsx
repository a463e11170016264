import { useId, useState } from "preact/hooks";
import { Button } from "../src/ui/button.tsx";
import { strokesOf } from "../src/ui/display/strokes.ts";
import type { Typist } from "../src/ui/display/typist.ts";
import { Modal } from "../src/ui/modal.tsx";

/** Text that is typed to the guest, key by key. */
export function TypeTextDialog({ typist, onClose }: { typist: Typist; onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const { strokes, missing } = strokesOf(text);
  const type = () => {
    onClose();
    void typist.type(strokes);
  };
  return (
    <Modal
      title="Type text"
      narrow
      onClose={onClose}
      footer={
        <>
          <Button label="Cancel" onClick={onClose} />
          <Button
            kind="primary"
            label="Type"
            disabled={strokes.length === 0 ? "Enter the text to type first." : undefined}
            onClick={type}
          />
        </>
      }
    >
      <label for={id}>Text for the guest, typed as on a US keyboard</label>
      <textarea
        id={id}
        class="input mono display-type-text"
        data-autofocus=""
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {missing.length > 0 && (
        <p class="subtle" role="status">{`Left out, for no key types it: ${missing.slice(0, 20).join(" ")}`}</p>
      )}
    </Modal>
  );
}
