"""`version`, `updated_at` and `completed_at` are the database's: an update that changes nothing leaves all three."""

from django.db import migrations

CREATE = """
CREATE TRIGGER category_touch BEFORE UPDATE ON todos_category
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION touch();

CREATE FUNCTION todo_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := greatest(now(), OLD.updated_at + interval '1 microsecond');
    NEW.completed_at := CASE
        WHEN NOT NEW.is_completed THEN NULL
        WHEN OLD.is_completed THEN OLD.completed_at
        ELSE NEW.updated_at
    END;
    RETURN NEW;
END $$;
CREATE TRIGGER todo_touch BEFORE UPDATE ON todos_todo
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION todo_touch();

CREATE FUNCTION todo_born_completed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.completed_at := coalesce(NEW.completed_at, NEW.created_at);
    RETURN NEW;
END $$;
CREATE TRIGGER todo_born_completed BEFORE INSERT ON todos_todo
    FOR EACH ROW WHEN (NEW.is_completed) EXECUTE FUNCTION todo_born_completed();
"""

DROP = """
DROP TRIGGER todo_born_completed ON todos_todo;
DROP FUNCTION todo_born_completed();
DROP TRIGGER todo_touch ON todos_todo;
DROP FUNCTION todo_touch();
DROP TRIGGER category_touch ON todos_category;
"""


class Migration(migrations.Migration):
    dependencies = [("todos", "0001_initial"), ("accounts", "0002_touch")]
    operations = [migrations.RunSQL(CREATE, DROP)]
