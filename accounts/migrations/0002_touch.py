"""`updated_at` is the database's: whoever changes a row, with whatever tool, the row says when."""

from django.db import migrations

CREATE = """
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Later than before even within one clock tick, because ETags are made of it.
    NEW.updated_at := greatest(now(), OLD.updated_at + interval '1 microsecond');
    RETURN NEW;
END $$;
-- A log-in is no change of the account.
CREATE TRIGGER user_touch BEFORE UPDATE ON accounts_user
    FOR EACH ROW WHEN (
        (OLD.email, OLD.display_name, OLD.password, OLD.is_active, OLD.is_staff, OLD.is_superuser)
        IS DISTINCT FROM
        (NEW.email, NEW.display_name, NEW.password, NEW.is_active, NEW.is_staff, NEW.is_superuser)
    ) EXECUTE FUNCTION touch();
"""

DROP = """
DROP TRIGGER user_touch ON accounts_user;
DROP FUNCTION touch();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
