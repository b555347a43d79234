"""Whoever deletes an account, with whatever tool, takes along what Django's own tables say about it.

Django gives its foreign keys no ON DELETE: it deletes row by row itself. `DELETE /me` and a line of SQL do not.
"""

from django.db import migrations

ADD = """
DO $$
DECLARE reference record;
BEGIN
    FOR reference IN
        SELECT conname, conrelid::regclass AS referring, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'accounts_user'::regclass AND confdeltype = 'a'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', reference.referring, reference.conname);
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I %s', reference.referring, reference.conname,
            replace(reference.definition, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE')
        );
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_touch"), ("admin", "0003_logentry_add_action_flag_choices")]
    operations = [migrations.RunSQL(ADD, migrations.RunSQL.noop)]
