/** The client against a running server: its address and keys come in the environment. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";

import { connect, HotCRMAIError, type PredictionResponse } from "../src/index.js";

const url = process.env["TEST_SERVER_URL"] ?? assert.fail("TEST_SERVER_URL is not set");
const key = process.env["TEST_SERVER_KEY"] ?? assert.fail("TEST_SERVER_KEY is not set");
const MODEL = "lead-scoring-v1";
const lead = { company_size: 500, industry: "Technology", engagement_score: 85, job_title: "CTO", budget: 10_000 };
const cold = { ...lead, engagement_score: 5 };
const { PredictionService, ExplainabilityService, ModelRegistry, PerformanceMonitor, CacheManager, batchScoreLeads, scoreLead } =
  connect({ url, key });

/** Runs what must fail, and returns the error. */
async function failure(work: () => Promise<unknown>): Promise<HotCRMAIError> {
  try {
    await work();
  } catch (problem) {
    assert.ok(problem instanceof HotCRMAIError, inspect(problem));
    return problem;
  }
  return assert.fail("nothing was thrown");
}

test("a prediction, its reasons and its outcome", async () => {
  const result = await PredictionService.predict({ modelId: MODEL, features: lead, context: { objectType: "Lead", objectId: "TS-1" }, useCache: false });
  assert.deepEqual([result.modelId, result.cached], [MODEL, false]);
  const { score } = result.prediction as { score: number };
  const why = await ExplainabilityService.explainPrediction(MODEL, lead);
  const total = why.baseValue + 100 * why.featureContributions.reduce((sum, part) => sum + part.contribution, 0);
  assert.ok(Math.abs(total - score) < 1e-6);
  assert.equal((await ExplainabilityService.comparePredictions(MODEL, cold, lead)).differences[0]?.feature, "engagement_score");
  assert.equal(await PredictionService.recordOutcome(result.predictionId, true), 1);
});

test("a batch keeps its order and its failures", async () => {
  const results = await PredictionService.batchPredict(MODEL, [lead, { budget: "much" }, cold], { onError: "collect" });
  assert.deepEqual(results.map((result) => "code" in result), [false, true, false]);
  const [first, , last] = results as [PredictionResponse, unknown, PredictionResponse];
  assert.ok((first.prediction as { score: number }).score > (last.prediction as { score: number }).score);
});

test("models, their stats and health, and the cache", async () => {
  const ids: string[] = [];
  for await (const model of ModelRegistry.listModels(undefined, "active")) ids.push(model.id);
  assert.ok(ids.includes(MODEL));
  await ModelRegistry.register({ id: "ts-model", provider: "custom", status: "training" });
  assert.equal((await ModelRegistry.updateStatus("ts-model", "deprecated")).status, "deprecated");
  assert.equal(await ModelRegistry.unregister("ts-model"), "ts-model");
  assert.ok((await PredictionService.getPerformanceStats(MODEL)).totalPredictions >= 1);
  assert.ok(MODEL in (await PerformanceMonitor.getAllStats()));
  assert.equal((await PredictionService.getModelHealth(MODEL)).modelId, MODEL);
  assert.equal((await CacheManager.getStats()).backend, "memory");
  assert.ok((await PredictionService.clearCache(MODEL)).cleared >= 0);
});

test("leads are scored and written back", async () => {
  const results = await batchScoreLeads(["LD-unknown"]);
  assert.deepEqual(results.map((result) => "error" in result), [true]);
  assert.equal((await failure(() => scoreLead("LD-unknown"))).code, "record_not_found");
});

test("errors carry code, status, reasons and request id, and never the key", async () => {
  const wrong = await failure(() => PredictionService.predict({ modelId: MODEL, features: { budget: "much" } }));
  assert.deepEqual([wrong.code, wrong.status, wrong.problems[0]?.name], ["invalid_features", 422, "budget"]);
  assert.ok(wrong.requestId);
  const nobody = await failure(() => connect({ url, key: "hk_wrong" }).ModelRegistry.getModel(MODEL));
  assert.equal(nobody.code, "not_authenticated");
  const away = await failure(() => connect({ url: "http://127.0.0.1:1", key, retries: 0 }).ModelRegistry.getModel(MODEL));
  assert.equal(away.code, "server_unavailable");
  assert.ok(!inspect([wrong, nobody, away], { depth: 9, showHidden: true }).includes(key));
  assert.throws(() => connect({ url: "http://scores.example.com", key }), /would travel readable/);
  assert.throws(() => connect({ url: "scores" }), /address is none/);
});

test("a POST is sent again under one key, a PATCH is not, and the deadline holds", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers["idempotency-key"] ?? "-"}`);
    if (request.url === "/v1/models/slow") return;
    if (seen.length < 2) request.socket.destroy();
    else if (seen.length < 3) response.writeHead(503, { "retry-after": "0" }).end();
    else response.writeHead(200, { "content-type": "application/json" }).end('{"joined": 1}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const made = connect({ url: `http://127.0.0.1:${port}`, timeout: 3_000 });
    assert.equal(await made.PredictionService.recordOutcome("id", true), 1);
    assert.equal(seen.length, 3);
    assert.equal(new Set(seen).size, 1);
    assert.match(seen[0] ?? "", /^POST [\w-]{36}$/);
    seen.length = 0;
    assert.equal((await failure(() => made.ModelRegistry.updateStatus("m", "active"))).code, "server_unavailable");
    assert.deepEqual(seen, ["PATCH -"]);
    const impatient = connect({ url: `http://127.0.0.1:${port}`, timeout: 200 });
    assert.equal((await failure(() => impatient.ModelRegistry.getModel("slow"))).code, "server_timeout");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("what the server has asked a provider for again itself is not asked for once more", async () => {
  let asked = 0;
  const problem = JSON.stringify({ detail: "The model's provider is away.", code: "provider_unavailable", requestId: "r1" });
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(503, { "retry-after": "0", "content-type": "application/problem+json" }).end(problem);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const made = connect({ url: `http://127.0.0.1:${port}`, timeout: 3_000 });
    const told = await failure(() => made.PredictionService.predict({ modelId: "m", features: {} }));
    assert.deepEqual([told.code, told.requestId, asked], ["provider_unavailable", "r1", 1]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
