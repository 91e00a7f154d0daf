import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox, Input, Label } from "@/components/ui/input";
import { forgetAnswers } from "@/lib/api";
import { keepToken } from "@/lib/token";

/** `onToken` asks the API again; when this is still here after that, the token was not the right one. */
export function SignIn({ onToken }: { onToken: () => Promise<unknown> }) {
  const [refused, setRefused] = useState(false);
  const [token, setToken] = useState("");
  const [remember, setRemember] = useState(false);
  return (
    <form
      className="mx-auto mt-16 flex w-full max-w-sm flex-col gap-4 rounded-card border border-line bg-surface p-6"
      onSubmit={(event) => {
        event.preventDefault();
        forgetAnswers();
        keepToken(token.trim(), remember);
        setRefused(false);
        const over = () => setRefused(true);
        onToken().then(over, over);
      }}
    >
      <h1 className="text-lg font-semibold">Sign in</h1>
      <p className="text-sm text-dim">
        This server wants its token: what it was started with as AIRCHECK_TOKEN.
      </p>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="token">Token</Label>
        <Input
          id="token"
          type="password"
          autoComplete="current-password"
          required
          value={token}
          aria-invalid={refused}
          aria-describedby={refused ? "refused" : undefined}
          onChange={(event) => setToken(event.target.value)}
        />
        {refused && (
          <p id="refused" role="alert" className="text-sm text-bad">
            The server refused this token.
          </p>
        )}
      </div>
      <Checkbox checked={remember} onChange={setRemember}>
        Keep me signed in on this device
      </Checkbox>
      <Button variant="primary" type="submit">
        Sign in
      </Button>
    </form>
  );
}
