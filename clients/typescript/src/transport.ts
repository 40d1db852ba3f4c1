/** Sends requests within one deadline, and again only where nothing can happen twice. */

import { HotCRMAIError, retryAfterOf } from "./errors.js";

export interface Options {
  /** The server's address; `HOTCRM_AI_URL`, else this machine's port 8000. */
  readonly url?: string;
  /** The API key; `HOTCRM_AI_API_KEY`. It is sent in a header and shown nowhere. */
  readonly key?: string;
  /** Milliseconds that a call may take in all (30,000). */
  readonly timeout?: number;
  /** How often a request is sent again where that is safe (2). */
  readonly retries?: number;
  /** Lets a key travel over plain http to another machine. */
  readonly plainHttp?: boolean;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;
/** POST routes that change nothing but at most a row of the log, so that they need no Idempotency-Key to be sent again. */
const WITHOUT_EFFECT = new Set(["/v1/predict", "/v1/explain", "/v1/compare", "/v1/what-if"]);

/** Returns the address; throws where it is none, or where the key would travel readable to another machine. */
export function addressOf(options: Options): string {
  const given = options.url ?? process.env["HOTCRM_AI_URL"] ?? "http://127.0.0.1:8000";
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || url.search !== "") {
    throw new HotCRMAIError("The server's address is none; give one such as 'https://scores.example.com'.", "config_error");
  }
  const isHere = url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.[\d.]+$/.test(url.hostname);
  if (keyOf(options) !== undefined && url.protocol === "http:" && !isHere && options.plainHttp !== true) {
    const message = `The API key would travel readable to '${url.origin}'; use an https address, or plainHttp where the network is protected.`;
    throw new HotCRMAIError(message, "config_error");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** Returns a `fetch` for one server: with its key, one deadline for all attempts, and one Idempotency-Key for them. */
export function sender(options: Options): (request: Request) => Promise<Response> {
  const origin = addressOf(options);
  const key = keyOf(options);
  const timeout = options.timeout ?? 30_000;
  const retries = options.retries ?? 2;
  return async (request) => {
    const ends = performance.now() + timeout;
    const path = new URL(request.url).pathname.slice(new URL(origin).pathname.replace(/\/+$/, "").length);
    const isRepeated = request.method === "GET" || request.method === "POST";
    if (key !== undefined) request.headers.set("authorization", `Bearer ${key}`);
    if (request.method === "POST" && !WITHOUT_EFFECT.has(path)) request.headers.set("idempotency-key", crypto.randomUUID());
    for (let made = 1; ; made += 1) {
      const outcome = await attempt(request.clone(), ends - performance.now());
      const pause = await pauseAfter(outcome, made);
      const waits = isRepeated && made <= retries && pause !== undefined && performance.now() + pause < ends;
      if (waits) await new Promise((resolve) => setTimeout(resolve, pause));
      else if (outcome instanceof Response) return outcome;
      else throw lost(outcome, origin, `${request.method} ${path}`, timeout);
    }
  };
}

async function attempt(request: Request, left: number): Promise<Response | Error> {
  try {
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(left)));
    const response = await fetch(request, { signal, redirect: "error" });
    const body = await response.arrayBuffer();
    return new Response(body.byteLength === 0 ? null : body, { status: response.status, headers: response.headers });
  } catch (problem) {
    return problem instanceof Error ? problem : new Error(String(problem));
  }
}

/**
 * Milliseconds until the next attempt, undefined where none is of use: an answer, a time that is over, no word of when, or an error of a
 * model's provider, which the server has asked again itself.
 */
async function pauseAfter(outcome: Response | Error, made: number): Promise<number | undefined> {
  const doubled = Math.min(FIRST_PAUSE * 2 ** (made - 1), LONGEST_PAUSE) * (0.5 + Math.random() / 2);
  if (outcome instanceof Error) return outcome.name === "TimeoutError" ? undefined : doubled;
  const asked = retryAfterOf(outcome.headers);
  const later = outcome.status === 409 || outcome.status === 429 || outcome.status === 503;
  if (!later || asked === undefined || /"code":\s*"provider_/.test(await outcome.clone().text())) return undefined;
  return Math.max(doubled, asked * 1_000);
}

function lost(problem: Error, origin: string, what: string, timeout: number): HotCRMAIError {
  if (problem.name === "TimeoutError") {
    return new HotCRMAIError(`The server at '${origin}' did not answer ${what} within ${timeout} milliseconds.`, "server_timeout");
  }
  const message = `The server at '${origin}' cannot be reached, or broke off; check the address, and that hotcrm-ai serve runs there.`;
  return new HotCRMAIError(message, "server_unavailable", undefined, undefined, [], undefined, { cause: problem });
}

function keyOf(options: Options): string | undefined {
  return options.key ?? (process.env["HOTCRM_AI_API_KEY"] || undefined);
}
