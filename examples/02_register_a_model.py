"""The registry: a model on a remote provider with an A/B test, credentials by reference, and its history."""

from hotcrm_ai import AI, ConfigError

SAGEMAKER = {
    "provider": "aws-sagemaker",
    "endpoint": "https://runtime.sagemaker.us-east-1.amazonaws.com",
    "credentials": {
        "accessKeyId": {"env": "AWS_ACCESS_KEY_ID"},
        "secretAccessKey": {"env": "AWS_SECRET_ACCESS_KEY"},
        "region": {"env": "AWS_REGION"},
    },
}

MODEL = {
    "id": "lead-scoring-v2",
    "name": "Lead Scoring Model V2",
    "version": "2.0.0",
    "type": "classification",
    "provider": "aws-sagemaker",
    "description": "Real ML model for lead scoring",
    "status": "active",
    "providerConfig": SAGEMAKER,
    "abTest": {"enabled": True, "trafficPercentage": 20, "championModelId": "lead-scoring-v1"},
    "metrics": {"accuracy": 92.5, "precision": 90.2, "recall": 94.1, "f1Score": 92.1},
}

with AI.open_sync() as ai:
    model = ai.registry.register(MODEL)
    print(model.id, model.version, model.status, model.ab_test)
    print("figures typed in by hand are kept as", model.metrics_source.kind if model.metrics_source else None)

    # A literal credential in something that is kept is refused, with a line that says how to give a reference.
    literal = {**MODEL, "id": "lead-scoring-v3", "providerConfig": {**SAGEMAKER, "credentials": {"apiKey": "sk-12345"}}}
    try:
        ai.registry.register(literal)
    except ConfigError as problem:
        print("refused:", problem.code, "- the key is not in the message:", "sk-12345" not in str(problem))

    ai.registry.update("lead-scoring-v2", description="On SageMaker since spring")
    for revision in ai.registry.history("lead-scoring-v2"):
        print(revision.number, revision.action)
    print("active:", [entry.id for entry in ai.registry.list_models(status="active")])
