/**
 * The HotCRM AI server from TypeScript: `connect()` gives the names of `@hotcrm/ai` over HTTP, and `api` every route, typed from the
 * server's own description.
 */

import createClient from "openapi-fetch";

import { errorOf, retryAfterOf } from "./errors.js";
import type { components, paths } from "./schema.js";
import { addressOf, sender, type Options } from "./transport.js";

export { HotCRMAIError } from "./errors.js";
export type { Options } from "./transport.js";
export type { components, operations, paths } from "./schema.js";

type Schemas = components["schemas"];
export type PredictionRequest = Schemas["PredictionRequest"];
export type PredictionResponse = Schemas["PredictionResponse"];
export type PredictionError = Schemas["PredictionError"];
export type Explanation = Schemas["Explanation"];
export type Comparison = Schemas["Comparison"];
export type ModelConfig = Schemas["ModelConfig"];
export type ModelPerformanceStats = Schemas["ModelPerformanceStats"];
export type ModelHealth = Schemas["ModelHealth"];
export type CacheStats = Schemas["CacheStats"];
export type LeadScore = Schemas["LeadScore"];
export type RecordAnswer = Schemas["RecordAnswer"];
export type RecordError = Schemas["RecordError"];
export type NewModel = Schemas["NewModel"];
export type Features = { readonly [name: string]: unknown };
export type Context = NonNullable<PredictionRequest["context"]>;

interface Told<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Returns the answer; throws what the server told of an error. */
async function answer<T>(asked: Promise<Told<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok || data === undefined) throw errorOf(response.status, error, retryAfterOf(response.headers));
  return data;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | null;
}

/** Goes through a list, page after page as they are needed. */
async function* pages<T>(ask: (cursor?: string) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page: Page<T> = await ask(cursor);
    yield* page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** Connects to a server; nothing is sent before the first call, and several connections can live side by side. */
export function connect(options: Options = {}) {
  const api = createClient<paths>({ baseUrl: addressOf(options), fetch: sender(options) });
  const at = (id: string) => ({ path: { id } });
  const asking = (id: string, modelId: string | undefined) => ({ ...at(id), query: modelId === undefined ? {} : { modelId } });
  const about = (ids: readonly string[], modelId: string | undefined) => ({ ids: [...ids], ...(modelId === undefined ? {} : { modelId }) });
  const recordsOf = (told: Schemas["RecordAnswers"]) => told.results as ReadonlyArray<RecordAnswer | RecordError>;
  const from = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

  const getModel = (id: string) => answer(api.GET("/v1/models/{id}", { params: at(id) }));
  const getModelStats = (id: string, window?: number) =>
    answer(api.GET("/v1/models/{id}/stats", { params: { ...at(id), query: window === undefined ? {} : { window } } }));
  const getHealthStatus = (id: string) => answer(api.GET("/v1/models/{id}/health", { params: at(id) }));
  const allStats = () => pages((cursor) => answer(api.GET("/v1/stats", { params: { query: from(cursor) } })));
  const getCacheStats = () => answer(api.GET("/v1/cache/stats"));
  const clearCache = (modelId?: string) =>
    answer(api.DELETE("/v1/cache", { params: { query: modelId === undefined ? {} : { modelId } } }));

  /** Stats of every model that was asked, by id. */
  async function getAllStats(): Promise<Record<string, ModelPerformanceStats>> {
    const found: Record<string, ModelPerformanceStats> = {};
    for await (const stats of allStats()) found[stats.modelId] = stats;
    return found;
  }

  return {
    /** Every route of the server, with typed parameters, bodies and answers. */
    api,

    PredictionService: {
      /** Predicts for one record. */
      predict: (request: PredictionRequest) => answer(api.POST("/v1/predict", { body: request })),
      /** Predicts for several records, in order; with `onError: "collect"` a failed one is a `PredictionError` at its place. */
      batchPredict: async (
        modelId: string,
        features: readonly Features[],
        more: { readonly contexts?: readonly (Context | null)[]; readonly useCache?: boolean; readonly onError?: "raise" | "collect" } = {},
      ) => {
        const { contexts, ...rest } = more;
        const body = { modelId, features: [...features], ...rest, ...(contexts === undefined ? {} : { contexts: [...contexts] }) };
        return (await answer(api.POST("/v1/predict/batch", { body }))).results as ReadonlyArray<PredictionResponse | PredictionError>;
      },
      /** Tells what really happened to a prediction; returns how many predictions it joined. */
      recordOutcome: async (predictionId: string, actual: unknown) =>
        (await answer(api.POST("/v1/outcomes", { body: { predictionId, actual } }))).joined,
      getPerformanceStats: getModelStats,
      getAllPerformanceStats: getAllStats,
      getModelHealth: getHealthStatus,
      getCacheStats,
      clearCache,
    },

    ExplainabilityService: {
      /** Says why a record gets its prediction; one that is passed in is checked against the model, and never shapes the reasons. */
      explainPrediction: (modelId: string, features: Features, prediction?: unknown, confidence?: number | null) =>
        answer(api.POST("/v1/explain", { body: { modelId, features, prediction: prediction ?? null, confidence: confidence ?? null } })),
      /** Says why two records get different predictions. */
      comparePredictions: (modelId: string, features1: Features, features2: Features) =>
        answer(api.POST("/v1/compare", { body: { modelId, features1, features2 } })),
    },

    ModelRegistry: {
      /** Registers a model, or replaces the one of that id. */
      register: (config: NewModel) => answer(api.POST("/v1/models", { body: config })),
      getModel,
      /** Goes through the models in order of id, all or those of a type or status. */
      listModels: (type?: ModelConfig["type"], status?: ModelConfig["status"]) =>
        pages((cursor) =>
          answer(
            api.GET("/v1/models", {
              params: { query: { ...from(cursor), ...(type === undefined ? {} : { type }), ...(status === undefined ? {} : { status }) } },
            }),
          ),
        ),
      updateStatus: (id: string, status: NonNullable<ModelConfig["status"]>) =>
        answer(api.PATCH("/v1/models/{id}", { params: at(id), body: { status } })),
      unregister: async (id: string) => (await answer(api.DELETE("/v1/models/{id}", { params: at(id) }))).removed,
    },

    PerformanceMonitor: { getModelStats, getAllStats, getHealthStatus, getSystemHealth: () => answer(api.GET("/v1/health")) },

    CacheManager: { getStats: getCacheStats, clear: clearCache },

    /** Scores a lead of the CRM and writes the score back to it. */
    scoreLead: (leadId: string, modelId?: string) => answer(api.POST("/v1/leads/{id}/score", { params: asking(leadId, modelId) })),
    /** Scores several leads and writes the scores back; one result for each. */
    batchScoreLeads: async (leadIds: readonly string[], modelId?: string) =>
      (await answer(api.POST("/v1/leads/score", { body: about(leadIds, modelId) }))).results as ReadonlyArray<LeadScore | RecordError>,
    /** Scores an open deal of the CRM and writes the score back to it. */
    scoreOpportunity: (id: string, modelId?: string) => answer(api.POST("/v1/opportunities/{id}/score", { params: asking(id, modelId) })),
    /** Does so for several; one result for each. */
    batchScoreOpportunities: async (ids: readonly string[], modelId?: string) =>
      recordsOf(await answer(api.POST("/v1/opportunities/score", { body: about(ids, modelId) }))),
    /** Says how likely an account leaves, and writes that back to it. */
    predictChurn: (id: string, modelId?: string) => answer(api.POST("/v1/accounts/{id}/churn", { params: asking(id, modelId) })),
    /** Does so for several; one result for each. */
    batchPredictChurn: async (ids: readonly string[], modelId?: string) =>
      recordsOf(await answer(api.POST("/v1/accounts/churn", { body: about(ids, modelId) }))),
    /** Says how a message sounds, and writes that back to it. */
    analyzeSentiment: (id: string, modelId?: string) => answer(api.POST("/v1/emails/{id}/sentiment", { params: asking(id, modelId) })),
    /** Does so for several; one result for each. */
    batchAnalyzeSentiment: async (ids: readonly string[], modelId?: string) =>
      recordsOf(await answer(api.POST("/v1/emails/sentiment", { body: about(ids, modelId) }))),
    /** Forecasts a revenue series, and writes the forecast back to it. */
    forecastRevenue: (id: string, modelId?: string) => answer(api.POST("/v1/revenue-series/{id}/forecast", { params: asking(id, modelId) })),
    /** Does so for several; one result for each. */
    batchForecastRevenue: async (ids: readonly string[], modelId?: string) =>
      recordsOf(await answer(api.POST("/v1/revenue-series/forecast", { body: about(ids, modelId) }))),
    /** Says what to offer an account, and writes that back to it. */
    recommendProducts: (id: string, modelId?: string) => answer(api.POST("/v1/accounts/{id}/recommendations", { params: asking(id, modelId) })),
    /** Does so for several; one result for each. */
    batchRecommendProducts: async (ids: readonly string[], modelId?: string) =>
      recordsOf(await answer(api.POST("/v1/accounts/recommendations", { body: about(ids, modelId) }))),
  };
}

/** A connection to a server. */
export type Connection = ReturnType<typeof connect>;
