"""The way of the sample CRM into a database."""

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.sample_crm.generate import SampleCRM
from hotcrm_ai.sample_crm.schema import SAMPLE_CRM


def write_sample_crm(crm: SampleCRM, engine: Engine, *, with_truth: bool = False) -> None:
    """Create the tables of the sample CRM and fill them, all in one transaction.

    `with_truth` writes the tables named `truth_…` as well. Raises `StorageError`, with nothing written, where one of
    the tables exists already or the database refuses.
    """
    rows = crm.tables | (crm.truth if with_truth else {})
    tables = [SAMPLE_CRM.tables[name] for name in rows]
    try:
        with engine.begin() as connection:
            _begin_before_creating(connection)
            taken = sorted(set(inspect(connection).get_table_names()) & set(rows))
            if taken:
                raise StorageError(
                    f"The sample CRM was not written: the database already has the tables {taken!r};"
                    " choose an empty database, or remove them first.",
                    tables=taken,
                )
            SAMPLE_CRM.create_all(connection, tables=tables, checkfirst=False)
            for table in tables:
                if rows[table.name]:
                    connection.execute(table.insert(), rows[table.name])
    except SQLAlchemyError as error:
        raise StorageError(
            f"The sample CRM was not written: the database {engine.url.render_as_string(hide_password=True)!r}"
            f" refused ({type(error).__name__}); check that it can be reached and written to."
        ) from error


def _begin_before_creating(connection: Connection) -> None:
    """Open SQLite's transaction now: its driver would open it at the first insert, after the tables were created."""
    if connection.dialect.name != "sqlite":
        return
    driver_connection = connection.connection.driver_connection
    if driver_connection is not None and not driver_connection.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
