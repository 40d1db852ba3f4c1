"""The tables of the sample CRM as a database holds them."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
)

SAMPLE_CRM = MetaData()
"""Every table of the sample CRM; those whose names begin with `truth_` are no part of a real CRM."""


def _money() -> Numeric[float]:
    return Numeric(14, 2, asdecimal=False)


Table(
    "accounts",
    SAMPLE_CRM,
    Column("id", String(16), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("industry", String(60)),
    Column("company_size", Integer),
    Column("country", String(60)),
    Column("created_date", Date, nullable=False),
    Column("review_date", Date, nullable=False),
    Column("account_age", Integer),
    Column("support_tickets", Integer),
    Column("usage_frequency", Integer),
    Column("nps_score", Integer),
    Column("payment_delays", Integer),
    Column("churned", Integer, index=True),
    Column("churned_date", Date),
    Column("churn_reason", String(120)),
    Column("ai_churn_probability", Float),
    Column("ai_churn_risk", String(20)),
    Column("ai_churn_confidence", Float),
    Column("ai_churn_explanation", Text),
    Column("last_churn_scored_date", DateTime(timezone=True)),
    Column("ai_recommendations", Text),
    Column("ai_recommendation_confidence", Float),
    Column("ai_recommendation_explanation", Text),
    Column("last_recommendation_date", DateTime(timezone=True)),
)
Table(
    "leads",
    SAMPLE_CRM,
    Column("id", String(16), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), index=True),
    Column("first_name", String(60)),
    Column("last_name", String(60), nullable=False),
    Column("company", String(120)),
    Column("email", String(254)),
    Column("phone", String(40)),
    Column("industry", String(60)),
    Column("company_size", Integer),
    Column("job_title", String(120)),
    Column("engagement_score", Integer),
    Column("estimated_budget", _money()),
    Column("lead_source", String(60)),
    Column("country", String(60)),
    Column("website_visits", Integer),
    Column("emails_opened", Integer),
    Column("days_since_last_contact", Integer),
    Column("webinar_attended", Boolean),
    Column("notes", Text),
    Column("created_date", Date, nullable=False, index=True),
    Column("status", String(20), nullable=False, index=True),
    Column("converted", Integer),
    Column("closed_date", Date),
    Column("contract_value", _money()),
    Column("close_reason", String(120)),
    Column("sales_stage_final", String(40)),
    Column("last_activity_type", String(40)),
    Column("next_step", String(120)),
    Column("ai_score", Float),
    Column("ai_confidence", Float),
    Column("ai_explanation", Text),
    Column("last_scored_date", DateTime(timezone=True)),
)
Table(
    "contacts",
    SAMPLE_CRM,
    Column("id", String(16), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("first_name", String(60)),
    Column("last_name", String(60), nullable=False),
    Column("email", String(254)),
    Column("phone", String(40)),
    Column("job_title", String(120)),
    Column("is_primary", Boolean, nullable=False),
)
Table(
    "emails",
    SAMPLE_CRM,
    Column("id", String(16), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("direction", String(10), nullable=False),
    Column("sent_date", Date, nullable=False, index=True),
    Column("subject", String(200)),
    Column("body", Text),
    Column("ai_sentiment", String(20)),
    Column("ai_sentiment_score", Float),
    Column("ai_sentiment_confidence", Float),
    Column("ai_sentiment_explanation", Text),
    Column("last_sentiment_date", DateTime(timezone=True)),
)
Table(
    "tickets",
    SAMPLE_CRM,
    Column("id", String(16), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("subject", String(200)),
    Column("category", String(40)),
    Column("priority", String(20)),
    Column("opened_date", Date, nullable=False, index=True),
    Column("hours_to_close", Float),
)
Table(
    "revenue_series",
    SAMPLE_CRM,
    Column("id", String(80), primary_key=True),
    Column("segment", String(40), nullable=False),
    Column("product_line", String(40), nullable=False),
    Column("ai_forecast", Text),
    Column("ai_forecast_total", Float),
    Column("ai_forecast_confidence", Float),
    Column("ai_forecast_explanation", Text),
    Column("last_forecast_date", DateTime(timezone=True)),
)
Table(
    "monthly_revenue",
    SAMPLE_CRM,
    Column("id", Integer, primary_key=True),
    Column("series", ForeignKey("revenue_series.id"), nullable=False, index=True),
    Column("segment", String(40), nullable=False),
    Column("product_line", String(40), nullable=False),
    Column("period", Date, nullable=False),
    Column("value", _money(), nullable=False),
)
Table(
    "products",
    SAMPLE_CRM,
    Column("id", String(16), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("product_line", String(40), nullable=False),
    Column("list_price", _money(), nullable=False),
)
Table(
    "purchases",
    SAMPLE_CRM,
    Column("id", String(16), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("product_id", ForeignKey("products.id"), nullable=False, index=True),
    Column("purchase_date", Date, nullable=False, index=True),
    Column("quantity", Integer, nullable=False),
)
Table(
    "truth_leads",
    SAMPLE_CRM,
    Column("lead_id", ForeignKey("leads.id"), primary_key=True),
    Column("true_probability", Float, nullable=False),
    Column("outcome", Integer, nullable=False),
)
Table(
    "truth_accounts",
    SAMPLE_CRM,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("true_probability", Float, nullable=False),
    Column("outcome", Integer, nullable=False),
)
Table(
    "truth_emails",
    SAMPLE_CRM,
    Column("email_id", ForeignKey("emails.id"), primary_key=True),
    Column("mood", String(10), nullable=False),
    Column("language", String(5), nullable=False),
)
Table(
    "truth_monthly_revenue",
    SAMPLE_CRM,
    Column("series", String(80), primary_key=True),
    Column("period", Date, primary_key=True),
    Column("expected_value", _money(), nullable=False),
)
Table(
    "truth_purchases",
    SAMPLE_CRM,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("product_id", ForeignKey("products.id"), primary_key=True),
    Column("true_probability", Float, nullable=False),
)
