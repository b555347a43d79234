"""A foreign key of several columns with the database's own ON DELETE, which Django 5.2 has no word for."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, CharField, Model, TextField
from django.db.models.functions import Length

# For Q(title__length__lte=200) in a CheckConstraint. A named check says which rule was broken; varchar(200) would not.
CharField.register_lookup(Length)
TextField.register_lookup(Length)


class ForeignKeyConstraint(BaseConstraint):
    """`FOREIGN KEY (fields) REFERENCES to (to_fields) ON DELETE …` in Meta.constraints.

    The ORM's own field carries `db_constraint=False`; this constraint is checked at once, not at commit, so that the
    statement that breaks it is the one that fails.
    """

    def __init__(self, *, fields: tuple[str, ...], to: str, to_fields: tuple[str, ...], on_delete: str, name: str):
        super().__init__(name=name)
        self.fields, self.to, self.to_fields, self.on_delete = fields, to, to_fields, on_delete

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None and schema_editor is not None
        quote = schema_editor.quote_name

        def columns(of: type[Model], names: tuple[str, ...]) -> str:
            return ", ".join(quote(str(of._meta.get_field(name).column)) for name in names)  # type: ignore[union-attr]

        target: type[Model] = model._meta.apps.get_model(self.to)
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({columns(model, self.fields)}) "
            f"REFERENCES {quote(target._meta.db_table)} ({columns(target, self.to_fields)}) ON DELETE {self.on_delete}"
        )

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None and schema_editor is not None
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None and schema_editor is not None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Forms offer only what may be chosen; the database has the last word."""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"fields": self.fields, "to": self.to, "to_fields": self.to_fields, "on_delete": self.on_delete}
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ForeignKeyConstraint) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__
