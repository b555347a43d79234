-- Whose token is it?
-- $1 digest
SELECT "accounts_apitoken"."user_id" AS "user_id"
    FROM "accounts_apitoken"
    INNER JOIN "accounts_user" ON ("accounts_apitoken"."user_id" = "accounts_user"."id")
    WHERE (("accounts_apitoken"."expires_at" IS NULL OR "accounts_apitoken"."expires_at" > (STATEMENT_TIMESTAMP())) AND "accounts_apitoken"."digest" = ($1) AND "accounts_user"."is_active");

-- Get the account
-- $1 user_id, $2 id
SELECT row_to_json(o)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM (SELECT "accounts_user"."id" AS "id", "accounts_user"."email" AS "email", "accounts_user"."display_name" AS "display_name", "accounts_user"."created_at" AS "created_at", "accounts_user"."updated_at" AS "updated_at"
    FROM "accounts_user"
    WHERE ("accounts_user"."id" = ($1) AND "accounts_user"."id" = ($2))) o;

-- Change the account
-- $1 display_name, $2 user_id, $3 id
WITH o AS (UPDATE "accounts_user"
    SET "display_name" = $1
    WHERE ("accounts_user"."id" = ($2) AND "accounts_user"."id" = ($3))
    RETURNING "id", "email", "display_name", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."email", o."display_name", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Change the account, If-Match
-- $1 display_name, $2 user_id, $3 id, $4 etags
WITH o AS (UPDATE "accounts_user"
    SET "display_name" = $1
    WHERE ("accounts_user"."id" = ($2) AND "accounts_user"."id" = ($3) AND (extract(epoch FROM updated_at) * 1000000)::bigint = ANY($4::bigint[]))
    RETURNING "id", "email", "display_name", "created_at", "updated_at") SELECT CASE WHEN o.id IS NOT NULL THEN (SELECT row_to_json(j)
    FROM (SELECT o."id", o."email", o."display_name", o."created_at", o."updated_at") j)::text END, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM (SELECT "accounts_user"."id" AS "id"
    FROM "accounts_user"
    WHERE ("accounts_user"."id" = ($2) AND "accounts_user"."id" = ($3))) existing
    LEFT JOIN o ON true;

-- The password's hash
-- $1 user_id
SELECT "accounts_user"."password" AS "password"
    FROM "accounts_user"
    WHERE "accounts_user"."id" = ($1);

-- Delete the account
-- $1 user_id, $2 id
WITH o AS (DELETE FROM "accounts_user"
    WHERE ("accounts_user"."id" = ($1) AND "accounts_user"."id" = ($2))
    RETURNING "id", "email", "display_name", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."email", o."display_name", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Delete the account, If-Match
-- $1 user_id, $2 id, $3 etags
WITH o AS (DELETE FROM "accounts_user"
    WHERE ("accounts_user"."id" = ($1) AND "accounts_user"."id" = ($2) AND (extract(epoch FROM updated_at) * 1000000)::bigint = ANY($3::bigint[]))
    RETURNING "id", "email", "display_name", "created_at", "updated_at") SELECT CASE WHEN o.id IS NOT NULL THEN (SELECT row_to_json(j)
    FROM (SELECT o."id", o."email", o."display_name", o."created_at", o."updated_at") j)::text END, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM (SELECT "accounts_user"."id" AS "id"
    FROM "accounts_user"
    WHERE ("accounts_user"."id" = ($1) AND "accounts_user"."id" = ($2))) existing
    LEFT JOIN o ON true;

-- Get a to-do
-- $1 user_id, $2 id
SELECT row_to_json(o)::text, version
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."id" = ($2))) o;

-- Create a to-do
-- $1 id, $2 user_id, $3 title, $4 description, $5 priority, $6 due_date, $7 category_id, $8 is_completed
WITH o AS (INSERT INTO "todos_todo" ("id", "user_id", "title", "description", "priority", "due_date", "category_id", "is_completed")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Create or replace a to-do
-- $1 id, $2 user_id, $3 title, $4 description, $5 priority, $6 due_date, $7 category_id, $8 is_completed
WITH o AS (INSERT INTO "todos_todo" ("id", "user_id", "title", "description", "priority", "due_date", "category_id", "is_completed")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (id) DO UPDATE
    SET "title" = EXCLUDED."title", "description" = EXCLUDED."description", "priority" = EXCLUDED."priority", "due_date" = EXCLUDED."due_date", "category_id" = EXCLUDED."category_id", "is_completed" = EXCLUDED."is_completed"
    WHERE "todos_todo"."user_id" = ($2)
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at", xmax = 0 AS created) SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version, created
    FROM o;

-- Change a to-do: title
-- $1 title, $2 user_id, $3 id
WITH o AS (UPDATE "todos_todo"
    SET "title" = $1
    WHERE ("todos_todo"."user_id" = ($2) AND "todos_todo"."id" = ($3))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do: description
-- $1 description, $2 user_id, $3 id
WITH o AS (UPDATE "todos_todo"
    SET "description" = $1
    WHERE ("todos_todo"."user_id" = ($2) AND "todos_todo"."id" = ($3))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do: priority
-- $1 priority, $2 user_id, $3 id
WITH o AS (UPDATE "todos_todo"
    SET "priority" = $1
    WHERE ("todos_todo"."user_id" = ($2) AND "todos_todo"."id" = ($3))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do: due_date
-- $1 due_date, $2 user_id, $3 id
WITH o AS (UPDATE "todos_todo"
    SET "due_date" = $1
    WHERE ("todos_todo"."user_id" = ($2) AND "todos_todo"."id" = ($3))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do: category_id
-- $1 category_id, $2 user_id, $3 id
WITH o AS (UPDATE "todos_todo"
    SET "category_id" = $1
    WHERE ("todos_todo"."user_id" = ($2) AND "todos_todo"."id" = ($3))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do: is_completed
-- $1 is_completed, $2 user_id, $3 id
WITH o AS (UPDATE "todos_todo"
    SET "is_completed" = $1
    WHERE ("todos_todo"."user_id" = ($2) AND "todos_todo"."id" = ($3))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do: title, description, priority, due_date, category_id, is_completed
-- $1 title, $2 description, $3 priority, $4 due_date, $5 category_id, $6 is_completed, $7 user_id, $8 id
WITH o AS (UPDATE "todos_todo"
    SET "title" = $1, "description" = $2, "priority" = $3, "due_date" = $4, "category_id" = $5, "is_completed" = $6
    WHERE ("todos_todo"."user_id" = ($7) AND "todos_todo"."id" = ($8))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do: nothing
-- $1 user_id, $2 id
WITH o AS (UPDATE "todos_todo"
    SET "id" = "todos_todo"."id"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."id" = ($2))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Change a to-do, If-Match
-- $1 title, $2 description, $3 priority, $4 due_date, $5 category_id, $6 is_completed, $7 user_id, $8 id, $9 etags
WITH o AS (UPDATE "todos_todo"
    SET "title" = $1, "description" = $2, "priority" = $3, "due_date" = $4, "category_id" = $5, "is_completed" = $6
    WHERE ("todos_todo"."user_id" = ($7) AND "todos_todo"."id" = ($8) AND version = ANY($9::bigint[]))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT CASE WHEN o.id IS NOT NULL THEN (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text END, version
    FROM (SELECT "todos_todo"."id" AS "id"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($7) AND "todos_todo"."id" = ($8))) existing
    LEFT JOIN o ON true;

-- Delete a to-do
-- $1 user_id, $2 id
WITH o AS (DELETE FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."id" = ($2))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text, version
    FROM o;

-- Delete a to-do, If-Match
-- $1 user_id, $2 id, $3 etags
WITH o AS (DELETE FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."id" = ($2) AND version = ANY($3::bigint[]))
    RETURNING "id", "title", "description", "is_completed", "completed_at", "priority", "due_date", "category_id", "version", "created_at", "updated_at") SELECT CASE WHEN o.id IS NOT NULL THEN (SELECT row_to_json(j)
    FROM (SELECT o."id", o."title", o."description", o."is_completed", o."completed_at", o."priority", o."due_date", o."category_id", o."version", o."created_at", o."updated_at") j)::text END, version
    FROM (SELECT "todos_todo"."id" AS "id"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."id" = ($2))) existing
    LEFT JOIN o ON true;

-- Get a category
-- $1 user_id, $2 id
SELECT row_to_json(o)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM (SELECT "todos_category"."id" AS "id", "todos_category"."name" AS "name", "todos_category"."color" AS "color", "todos_category"."icon" AS "icon", "todos_category"."created_at" AS "created_at", "todos_category"."updated_at" AS "updated_at"
    FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($1) AND "todos_category"."id" = ($2))) o;

-- Create a category
-- $1 id, $2 user_id, $3 name, $4 color, $5 icon
WITH o AS (INSERT INTO "todos_category" ("id", "user_id", "name", "color", "icon")
    VALUES ($1, $2, $3, $4, $5)
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Create or replace a category
-- $1 id, $2 user_id, $3 name, $4 color, $5 icon
WITH o AS (INSERT INTO "todos_category" ("id", "user_id", "name", "color", "icon")
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE
    SET "name" = EXCLUDED."name", "color" = EXCLUDED."color", "icon" = EXCLUDED."icon"
    WHERE "todos_category"."user_id" = ($2)
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at", xmax = 0 AS created) SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint, created
    FROM o;

-- Change a category: name
-- $1 name, $2 user_id, $3 id
WITH o AS (UPDATE "todos_category"
    SET "name" = $1
    WHERE ("todos_category"."user_id" = ($2) AND "todos_category"."id" = ($3))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Change a category: color
-- $1 color, $2 user_id, $3 id
WITH o AS (UPDATE "todos_category"
    SET "color" = $1
    WHERE ("todos_category"."user_id" = ($2) AND "todos_category"."id" = ($3))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Change a category: icon
-- $1 icon, $2 user_id, $3 id
WITH o AS (UPDATE "todos_category"
    SET "icon" = $1
    WHERE ("todos_category"."user_id" = ($2) AND "todos_category"."id" = ($3))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Change a category: name, color, icon
-- $1 name, $2 color, $3 icon, $4 user_id, $5 id
WITH o AS (UPDATE "todos_category"
    SET "name" = $1, "color" = $2, "icon" = $3
    WHERE ("todos_category"."user_id" = ($4) AND "todos_category"."id" = ($5))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Change a category: nothing
-- $1 user_id, $2 id
WITH o AS (UPDATE "todos_category"
    SET "id" = "todos_category"."id"
    WHERE ("todos_category"."user_id" = ($1) AND "todos_category"."id" = ($2))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Change a category, If-Match
-- $1 name, $2 color, $3 icon, $4 user_id, $5 id, $6 etags
WITH o AS (UPDATE "todos_category"
    SET "name" = $1, "color" = $2, "icon" = $3
    WHERE ("todos_category"."user_id" = ($4) AND "todos_category"."id" = ($5) AND (extract(epoch FROM updated_at) * 1000000)::bigint = ANY($6::bigint[]))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT CASE WHEN o.id IS NOT NULL THEN (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text END, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM (SELECT "todos_category"."id" AS "id"
    FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($4) AND "todos_category"."id" = ($5))) existing
    LEFT JOIN o ON true;

-- Delete a category
-- $1 user_id, $2 id
WITH o AS (DELETE FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($1) AND "todos_category"."id" = ($2))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM o;

-- Delete a category, If-Match
-- $1 user_id, $2 id, $3 etags
WITH o AS (DELETE FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($1) AND "todos_category"."id" = ($2) AND (extract(epoch FROM updated_at) * 1000000)::bigint = ANY($3::bigint[]))
    RETURNING "id", "name", "color", "icon", "created_at", "updated_at") SELECT CASE WHEN o.id IS NOT NULL THEN (SELECT row_to_json(j)
    FROM (SELECT o."id", o."name", o."color", o."icon", o."created_at", o."updated_at") j)::text END, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM (SELECT "todos_category"."id" AS "id"
    FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($1) AND "todos_category"."id" = ($2))) existing
    LEFT JOIN o ON true;

-- List to-dos: all
-- $1 user_id, $2 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE "todos_todo"."user_id" = ($1)
    ORDER BY 10 DESC, 1 DESC
    LIMIT $2) o;

-- List to-dos: after=True
-- $1 user_id, $2 created_at, $3 id, $4 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."created_at", "todos_todo"."id") < ($2::timestamptz, $3::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $4) o;

-- List to-dos: search=True
-- $1 user_id, $2 pattern, $3 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE "todos_todo"."user_id" = ($1)
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $2 OR description ILIKE $2
    LIMIT $3),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."title" ILIKE $2 OR "todos_todo"."description" ILIKE $2) AND (SELECT count(*)
    FROM near) < $3 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $3) o;

-- List to-dos: search=True, after=True
-- $1 user_id, $2 created_at, $3 id, $4 pattern, $5 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."created_at", "todos_todo"."id") < ($2::timestamptz, $3::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $4 OR description ILIKE $4
    LIMIT $5),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."created_at", "todos_todo"."id") < ($2::timestamptz, $3::uuid) AND ("todos_todo"."title" ILIKE $4 OR "todos_todo"."description" ILIKE $4) AND (SELECT count(*)
    FROM near) < $5 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $5) o;

-- List to-dos: no_category=True
-- $1 user_id, $2 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" IS NULL)
    ORDER BY 10 DESC, 1 DESC
    LIMIT $2) o;

-- List to-dos: no_category=True, after=True
-- $1 user_id, $2 created_at, $3 id, $4 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."created_at", "todos_todo"."id") < ($2::timestamptz, $3::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $4) o;

-- List to-dos: no_category=True, search=True
-- $1 user_id, $2 pattern, $3 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" IS NULL)
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $2 OR description ILIKE $2
    LIMIT $3),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."title" ILIKE $2 OR "todos_todo"."description" ILIKE $2) AND (SELECT count(*)
    FROM near) < $3 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $3) o;

-- List to-dos: no_category=True, search=True, after=True
-- $1 user_id, $2 created_at, $3 id, $4 pattern, $5 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."created_at", "todos_todo"."id") < ($2::timestamptz, $3::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $4 OR description ILIKE $4
    LIMIT $5),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."created_at", "todos_todo"."id") < ($2::timestamptz, $3::uuid) AND ("todos_todo"."title" ILIKE $4 OR "todos_todo"."description" ILIKE $4) AND (SELECT count(*)
    FROM near) < $5 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $5) o;

-- List to-dos: categories=1
-- $1 user_id, $2 category_id, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ($2))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $3) o;

-- List to-dos: categories=1, after=True
-- $1 user_id, $2 category_id, $3 created_at, $4 id, $5 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ($2) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $5) o;

-- List to-dos: categories=1, search=True
-- $1 user_id, $2 category_id, $3 pattern, $4 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ($2))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $3 OR description ILIKE $3
    LIMIT $4),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ($2) AND ("todos_todo"."title" ILIKE $3 OR "todos_todo"."description" ILIKE $3) AND (SELECT count(*)
    FROM near) < $4 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $4) o;

-- List to-dos: categories=1, search=True, after=True
-- $1 user_id, $2 category_id, $3 created_at, $4 id, $5 pattern, $6 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ($2) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $5 OR description ILIKE $5
    LIMIT $6),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ($2) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid) AND ("todos_todo"."title" ILIKE $5 OR "todos_todo"."description" ILIKE $5) AND (SELECT count(*)
    FROM near) < $6 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $6) o;

-- List to-dos: categories=1, no_category=True
-- $1 user_id, $2 category_id, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($2)))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $3) o;

-- List to-dos: categories=1, no_category=True, after=True
-- $1 user_id, $2 category_id, $3 created_at, $4 id, $5 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($2)) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $5) o;

-- List to-dos: categories=1, no_category=True, search=True
-- $1 user_id, $2 category_id, $3 pattern, $4 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($2)))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $3 OR description ILIKE $3
    LIMIT $4),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($2)) AND ("todos_todo"."title" ILIKE $3 OR "todos_todo"."description" ILIKE $3) AND (SELECT count(*)
    FROM near) < $4 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $4) o;

-- List to-dos: categories=1, no_category=True, search=True, after=True
-- $1 user_id, $2 category_id, $3 created_at, $4 id, $5 pattern, $6 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($2)) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $5 OR description ILIKE $5
    LIMIT $6),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($2)) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid) AND ("todos_todo"."title" ILIKE $5 OR "todos_todo"."description" ILIKE $5) AND (SELECT count(*)
    FROM near) < $6 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $6) o;

-- List to-dos: categories=2
-- $1 user_id, $2 category_ids, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ANY($2::uuid[]))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $3) o;

-- List to-dos: categories=2, after=True
-- $1 user_id, $2 category_ids, $3 created_at, $4 id, $5 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ANY($2::uuid[]) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $5) o;

-- List to-dos: categories=2, search=True
-- $1 user_id, $2 category_ids, $3 pattern, $4 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ANY($2::uuid[]))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $3 OR description ILIKE $3
    LIMIT $4),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ANY($2::uuid[]) AND ("todos_todo"."title" ILIKE $3 OR "todos_todo"."description" ILIKE $3) AND (SELECT count(*)
    FROM near) < $4 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $4) o;

-- List to-dos: categories=2, search=True, after=True
-- $1 user_id, $2 category_ids, $3 created_at, $4 id, $5 pattern, $6 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ANY($2::uuid[]) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $5 OR description ILIKE $5
    LIMIT $6),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."category_id" = ANY($2::uuid[]) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid) AND ("todos_todo"."title" ILIKE $5 OR "todos_todo"."description" ILIKE $5) AND (SELECT count(*)
    FROM near) < $6 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $6) o;

-- List to-dos: categories=2, no_category=True
-- $1 user_id, $2 category_ids, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($2::uuid[])))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $3) o;

-- List to-dos: categories=2, no_category=True, after=True
-- $1 user_id, $2 category_ids, $3 created_at, $4 id, $5 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($2::uuid[])) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $5) o;

-- List to-dos: categories=2, no_category=True, search=True
-- $1 user_id, $2 category_ids, $3 pattern, $4 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($2::uuid[])))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $3 OR description ILIKE $3
    LIMIT $4),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($2::uuid[])) AND ("todos_todo"."title" ILIKE $3 OR "todos_todo"."description" ILIKE $3) AND (SELECT count(*)
    FROM near) < $4 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $4) o;

-- List to-dos: categories=2, no_category=True, search=True, after=True
-- $1 user_id, $2 category_ids, $3 created_at, $4 id, $5 pattern, $6 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($2::uuid[])) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $5 OR description ILIKE $5
    LIMIT $6),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($2::uuid[])) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid) AND ("todos_todo"."title" ILIKE $5 OR "todos_todo"."description" ILIKE $5) AND (SELECT count(*)
    FROM near) < $6 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $6) o;

-- List to-dos: completed=True
-- $1 user_id, $2 completed, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $3) o;

-- List to-dos: completed=True, after=True
-- $1 user_id, $2 completed, $3 created_at, $4 id, $5 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $5) o;

-- List to-dos: completed=True, search=True
-- $1 user_id, $2 completed, $3 pattern, $4 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $3 OR description ILIKE $3
    LIMIT $4),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."title" ILIKE $3 OR "todos_todo"."description" ILIKE $3) AND (SELECT count(*)
    FROM near) < $4 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $4) o;

-- List to-dos: completed=True, search=True, after=True
-- $1 user_id, $2 completed, $3 created_at, $4 id, $5 pattern, $6 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $5 OR description ILIKE $5
    LIMIT $6),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid) AND ("todos_todo"."title" ILIKE $5 OR "todos_todo"."description" ILIKE $5) AND (SELECT count(*)
    FROM near) < $6 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $6) o;

-- List to-dos: completed=True, no_category=True
-- $1 user_id, $2 completed, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" IS NULL)
    ORDER BY 10 DESC, 1 DESC
    LIMIT $3) o;

-- List to-dos: completed=True, no_category=True, after=True
-- $1 user_id, $2 completed, $3 created_at, $4 id, $5 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $5) o;

-- List to-dos: completed=True, no_category=True, search=True
-- $1 user_id, $2 completed, $3 pattern, $4 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" IS NULL)
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $3 OR description ILIKE $3
    LIMIT $4),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."title" ILIKE $3 OR "todos_todo"."description" ILIKE $3) AND (SELECT count(*)
    FROM near) < $4 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $4) o;

-- List to-dos: completed=True, no_category=True, search=True, after=True
-- $1 user_id, $2 completed, $3 created_at, $4 id, $5 pattern, $6 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $5 OR description ILIKE $5
    LIMIT $6),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" IS NULL AND ("todos_todo"."created_at", "todos_todo"."id") < ($3::timestamptz, $4::uuid) AND ("todos_todo"."title" ILIKE $5 OR "todos_todo"."description" ILIKE $5) AND (SELECT count(*)
    FROM near) < $6 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $6) o;

-- List to-dos: completed=True, categories=1
-- $1 user_id, $2 completed, $3 category_id, $4 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ($3))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $4) o;

-- List to-dos: completed=True, categories=1, after=True
-- $1 user_id, $2 completed, $3 category_id, $4 created_at, $5 id, $6 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ($3) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $6) o;

-- List to-dos: completed=True, categories=1, search=True
-- $1 user_id, $2 completed, $3 category_id, $4 pattern, $5 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ($3))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $4 OR description ILIKE $4
    LIMIT $5),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ($3) AND ("todos_todo"."title" ILIKE $4 OR "todos_todo"."description" ILIKE $4) AND (SELECT count(*)
    FROM near) < $5 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $5) o;

-- List to-dos: completed=True, categories=1, search=True, after=True
-- $1 user_id, $2 completed, $3 category_id, $4 created_at, $5 id, $6 pattern, $7 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ($3) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $6 OR description ILIKE $6
    LIMIT $7),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ($3) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid) AND ("todos_todo"."title" ILIKE $6 OR "todos_todo"."description" ILIKE $6) AND (SELECT count(*)
    FROM near) < $7 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $7) o;

-- List to-dos: completed=True, categories=1, no_category=True
-- $1 user_id, $2 completed, $3 category_id, $4 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($3)))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $4) o;

-- List to-dos: completed=True, categories=1, no_category=True, after=True
-- $1 user_id, $2 completed, $3 category_id, $4 created_at, $5 id, $6 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($3)) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $6) o;

-- List to-dos: completed=True, categories=1, no_category=True, search=True
-- $1 user_id, $2 completed, $3 category_id, $4 pattern, $5 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($3)))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $4 OR description ILIKE $4
    LIMIT $5),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($3)) AND ("todos_todo"."title" ILIKE $4 OR "todos_todo"."description" ILIKE $4) AND (SELECT count(*)
    FROM near) < $5 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $5) o;

-- List to-dos: completed=True, categories=1, no_category=True, search=True, after=True
-- $1 user_id, $2 completed, $3 category_id, $4 created_at, $5 id, $6 pattern, $7 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($3)) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $6 OR description ILIKE $6
    LIMIT $7),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ($3)) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid) AND ("todos_todo"."title" ILIKE $6 OR "todos_todo"."description" ILIKE $6) AND (SELECT count(*)
    FROM near) < $7 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $7) o;

-- List to-dos: completed=True, categories=2
-- $1 user_id, $2 completed, $3 category_ids, $4 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ANY($3::uuid[]))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $4) o;

-- List to-dos: completed=True, categories=2, after=True
-- $1 user_id, $2 completed, $3 category_ids, $4 created_at, $5 id, $6 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ANY($3::uuid[]) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $6) o;

-- List to-dos: completed=True, categories=2, search=True
-- $1 user_id, $2 completed, $3 category_ids, $4 pattern, $5 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ANY($3::uuid[]))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $4 OR description ILIKE $4
    LIMIT $5),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ANY($3::uuid[]) AND ("todos_todo"."title" ILIKE $4 OR "todos_todo"."description" ILIKE $4) AND (SELECT count(*)
    FROM near) < $5 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $5) o;

-- List to-dos: completed=True, categories=2, search=True, after=True
-- $1 user_id, $2 completed, $3 category_ids, $4 created_at, $5 id, $6 pattern, $7 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ANY($3::uuid[]) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $6 OR description ILIKE $6
    LIMIT $7),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND "todos_todo"."category_id" = ANY($3::uuid[]) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid) AND ("todos_todo"."title" ILIKE $6 OR "todos_todo"."description" ILIKE $6) AND (SELECT count(*)
    FROM near) < $7 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $7) o;

-- List to-dos: completed=True, categories=2, no_category=True
-- $1 user_id, $2 completed, $3 category_ids, $4 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($3::uuid[])))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $4) o;

-- List to-dos: completed=True, categories=2, no_category=True, after=True
-- $1 user_id, $2 completed, $3 category_ids, $4 created_at, $5 id, $6 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($3::uuid[])) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT $6) o;

-- List to-dos: completed=True, categories=2, no_category=True, search=True
-- $1 user_id, $2 completed, $3 category_ids, $4 pattern, $5 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($3::uuid[])))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $4 OR description ILIKE $4
    LIMIT $5),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($3::uuid[])) AND ("todos_todo"."title" ILIKE $4 OR "todos_todo"."description" ILIKE $4) AND (SELECT count(*)
    FROM near) < $5 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $5) o;

-- List to-dos: completed=True, categories=2, no_category=True, search=True, after=True
-- $1 user_id, $2 completed, $3 category_ids, $4 created_at, $5 id, $6 pattern, $7 limit; planned each time
SELECT row_to_json(o)::text
    FROM (WITH newest AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($3::uuid[])) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid))
    ORDER BY 10 DESC, 1 DESC
    LIMIT 2000),
    near AS MATERIALIZED (SELECT *
    FROM newest
    WHERE title ILIKE $6 OR description ILIKE $6
    LIMIT $7),
    far AS MATERIALIZED (SELECT "todos_todo"."id" AS "id", "todos_todo"."title" AS "title", "todos_todo"."description" AS "description", "todos_todo"."is_completed" AS "is_completed", "todos_todo"."completed_at" AS "completed_at", "todos_todo"."priority" AS "priority", "todos_todo"."due_date" AS "due_date", "todos_todo"."category_id" AS "category_id", "todos_todo"."version" AS "version", "todos_todo"."created_at" AS "created_at", "todos_todo"."updated_at" AS "updated_at"
    FROM "todos_todo"
    WHERE ("todos_todo"."user_id" = ($1) AND "todos_todo"."is_completed" = ($2) AND ("todos_todo"."category_id" IS NULL OR "todos_todo"."category_id" = ANY($3::uuid[])) AND ("todos_todo"."created_at", "todos_todo"."id") < ($4::timestamptz, $5::uuid) AND ("todos_todo"."title" ILIKE $6 OR "todos_todo"."description" ILIKE $6) AND (SELECT count(*)
    FROM near) < $7 AND (SELECT count(*)
    FROM newest) = 2000 AND ("todos_todo"."created_at", "todos_todo"."id") < (SELECT created_at, id
    FROM newest
    ORDER BY 1, 2
    LIMIT 1))) SELECT *
    FROM near
    UNION ALL SELECT *
    FROM far
    ORDER BY created_at DESC, id DESC
    LIMIT $7) o;

-- List categories: all
-- $1 user_id, $2 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_category"."id" AS "id", "todos_category"."name" AS "name", "todos_category"."color" AS "color", "todos_category"."icon" AS "icon", "todos_category"."created_at" AS "created_at", "todos_category"."updated_at" AS "updated_at"
    FROM "todos_category"
    WHERE "todos_category"."user_id" = ($1)
    ORDER BY LOWER("todos_category"."name") ASC
    LIMIT $2) o;

-- List categories: after=True
-- $1 user_id, $2 name, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_category"."id" AS "id", "todos_category"."name" AS "name", "todos_category"."color" AS "color", "todos_category"."icon" AS "icon", "todos_category"."created_at" AS "created_at", "todos_category"."updated_at" AS "updated_at"
    FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($1) AND LOWER("todos_category"."name") > lower($2))
    ORDER BY LOWER("todos_category"."name") ASC
    LIMIT $3) o;

-- List categories: counts=True
-- $1 user_id, $2 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_category"."id" AS "id", "todos_category"."name" AS "name", "todos_category"."color" AS "color", "todos_category"."icon" AS "icon", "todos_category"."created_at" AS "created_at", "todos_category"."updated_at" AS "updated_at", COALESCE((SELECT COUNT(*) AS "count"
    FROM "todos_todo" U0
    WHERE (U0."user_id" = ($1) AND U0."category_id" = ("todos_category"."id"))
    GROUP BY U0."category_id"), 0) AS "todo_count", COALESCE((SELECT COUNT(*) AS "count"
    FROM "todos_todo" U0
    WHERE (U0."user_id" = ($1) AND U0."category_id" = ("todos_category"."id") AND NOT U0."is_completed")
    GROUP BY U0."category_id"), 0) AS "open_count"
    FROM "todos_category"
    WHERE "todos_category"."user_id" = ($1)
    ORDER BY LOWER("todos_category"."name") ASC
    LIMIT $2) o;

-- List categories: counts=True, after=True
-- $1 user_id, $2 name, $3 limit
SELECT row_to_json(o)::text
    FROM (SELECT "todos_category"."id" AS "id", "todos_category"."name" AS "name", "todos_category"."color" AS "color", "todos_category"."icon" AS "icon", "todos_category"."created_at" AS "created_at", "todos_category"."updated_at" AS "updated_at", COALESCE((SELECT COUNT(*) AS "count"
    FROM "todos_todo" U0
    WHERE (U0."user_id" = ($1) AND U0."category_id" = ("todos_category"."id"))
    GROUP BY U0."category_id"), 0) AS "todo_count", COALESCE((SELECT COUNT(*) AS "count"
    FROM "todos_todo" U0
    WHERE (U0."user_id" = ($1) AND U0."category_id" = ("todos_category"."id") AND NOT U0."is_completed")
    GROUP BY U0."category_id"), 0) AS "open_count"
    FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($1) AND LOWER("todos_category"."name") > lower($2))
    ORDER BY LOWER("todos_category"."name") ASC
    LIMIT $3) o;

-- Get a category with counts
-- $1 user_id, $2 id
SELECT row_to_json(o)::text, (extract(epoch FROM updated_at) * 1000000)::bigint
    FROM (SELECT "todos_category"."id" AS "id", "todos_category"."name" AS "name", "todos_category"."color" AS "color", "todos_category"."icon" AS "icon", "todos_category"."created_at" AS "created_at", "todos_category"."updated_at" AS "updated_at", COALESCE((SELECT COUNT(*) AS "count"
    FROM "todos_todo" U0
    WHERE (U0."user_id" = ($1) AND U0."category_id" = ("todos_category"."id"))
    GROUP BY U0."category_id"), 0) AS "todo_count", COALESCE((SELECT COUNT(*) AS "count"
    FROM "todos_todo" U0
    WHERE (U0."user_id" = ($1) AND U0."category_id" = ("todos_category"."id") AND NOT U0."is_completed")
    GROUP BY U0."category_id"), 0) AS "open_count"
    FROM "todos_category"
    WHERE ("todos_category"."user_id" = ($1) AND "todos_category"."id" = ($2))) o;

