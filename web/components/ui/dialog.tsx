// The browser's own modal: it traps focus, closes on Escape, makes the rest inert, and needs no style that a strict
// Content-Security-Policy would refuse.
import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { cn } from "@/lib/utils";
import { Button } from "./button";

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  className?: string;
};

export function Dialog({ open, onClose, title, description, children, className }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog || dialog.open === open) return;
    if (!open) return dialog.close();
    dialog.showModal();
    // The browser would take the first control, which is the one that closes.
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Escape
    <dialog
      ref={ref}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-text` : undefined}
      onClose={onClose}
      onClick={(event) => event.target === ref.current && onClose()}
      className={cn(
        "m-auto w-[min(32rem,calc(100vw-1.5rem))] rounded-card border border-line bg-surface p-0 text-foreground",
        className,
      )}
    >
      {open && (
        <div className="p-5 sm:p-6">
          <header className="mb-4 flex items-start justify-between gap-4">
            <h2 id={`${id}-title`} className="text-lg font-semibold">
              {title}
            </h2>
            <Button variant="ghost" size="icon" aria-label="Close" className="-m-2" onClick={onClose}>
              <X aria-hidden />
            </Button>
          </header>
          {description && (
            <div id={`${id}-text`} className="mb-4 text-sm text-dim">
              {description}
            </div>
          )}
          {children}
        </div>
      )}
    </dialog>
  );
}

type ConfirmProps = {
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  description: ReactNode;
  confirm: string;
};

/** Asks before something that cannot be undone; the harmless answer has the focus. */
export function Confirm({ open, onClose, onConfirm, title, description, confirm }: ConfirmProps) {
  return (
    <Dialog open={open} onClose={onClose} title={title} description={description}>
      <div className="flex flex-wrap justify-end gap-2">
        <Button data-autofocus="" onClick={onClose}>
          Keep it
        </Button>
        <Button
          variant="danger"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
