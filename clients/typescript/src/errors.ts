/** What the server tells of an error, and what is told where there is no server. */

import type { components } from "./schema.js";

type Problem = components["schemas"]["Problem"];

/** An error with the server's stable `code`; `requestId` finds it in the server's log. It never holds the API key. */
export class HotCRMAIError extends Error {
  override readonly name = "HotCRMAIError";

  constructor(
    message: string,
    /** The stable code, such as `model_not_found`; `server_unavailable` and `server_timeout` are the client's own. */
    readonly code: string,
    /** The HTTP status, undefined where there was no answer. */
    readonly status?: number,
    readonly requestId?: string,
    /** Each feature or field that is wrong, with the reason. */
    readonly problems: ReadonlyArray<{ readonly reason: string; readonly name?: string | null }> = [],
    /** Seconds after which to try again, where the server says so. */
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Returns the error that an answer tells; of an answer without a problem document only the status is told. */
export function errorOf(status: number, body: unknown, retryAfter: number | undefined): HotCRMAIError {
  if (!isProblem(body)) {
    const message = `The server answered ${status} with no description of the problem; check the address, and what stands between.`;
    return new HotCRMAIError(message, "server_error", status, undefined, [], retryAfter);
  }
  return new HotCRMAIError(body.detail, body.code, status, body.requestId, body.problems ?? [], retryAfter);
}

/** Returns the whole seconds of a `Retry-After` header, undefined where there are none. */
export function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,8}$/.test(text) ? Number(text) : undefined;
}

function isProblem(body: unknown): body is Problem {
  const given = body as Partial<Problem> | null | undefined;
  return typeof given === "object" && typeof given?.detail === "string" && typeof given.code === "string";
}
